// Loaded before the TypeScript, which an older Node would refuse with a stack: says what is missing in one line.
const wanted = require("../package.json").engines.node.slice(2);
const [major, minor] = wanted.split(".").map(Number);
const [ours, oursMinor] = process.versions.node.split(".").map(Number);
if (ours < major || (ours === major && oursMinor < minor)) {
  process.stderr.write(
    `Tonsor needs Node ${wanted} or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(78);
}
