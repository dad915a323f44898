import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { importsOf, root as ROOT } from "../../test/architecture/sources.ts";

/**
 * Prints the files and lines that one reads to follow one on-chain number, a WETH haircut by Deribit and Uniswap v3, from
 * `keeper/keeper.ts` to the transaction: `node scripts/checks/readingPath.ts`. Run-time imports are followed. Left out is
 * what such a number does not pass: co-signing, the impact gate, other venues and markets, the RPC quorum, Curve and the math of its
 * pools (`model/depth/curve*.ts`); and what serves people around it: status page, commands, operations, audit.
 */
const LEFT_OUT =
  /^keeper\/(cosign\/|impact\/|venues\/(okx|bybit|binance|curve)\/|markets\/wbtc\.ts|model\/depth\/curve|io\/quorum\/|dashboard\/|cli\/|operations\/|audit\/)/;

const path = new Set<string>();
const open = [join(ROOT, "keeper", "keeper.ts")];
for (let file = open.pop(); file !== undefined; file = open.pop()) {
  const name = relative(ROOT, file);
  if (path.has(name) || LEFT_OUT.test(name)) continue;
  path.add(name);
  open.push(...importsOf(file).flatMap(({ typeOnly, target }) => (typeOnly ? [] : [target])));
}

const rooms = Map.groupBy(path, (name) => name.split("/").slice(0, 2).join("/"));
const linesOf = (name: string) => readFileSync(join(ROOT, name), "utf8").split("\n").length - 1;
const total = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + linesOf(name), 0);
for (const [room, names] of rooms) console.log(`${room.padEnd(22)} ${names.length} files, ${total(names)} lines`);
console.log(`${path.size} files, ${total(path)} lines`);
