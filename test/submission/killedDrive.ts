/**
 * A keeper's cycle for its lenders that is killed with SIGKILL after so many milliseconds of it. Run as a process:
 * node killedDrive.ts <journal> <node> <record as JSON> <key> <milliseconds>
 */
import type { Hex } from "viem";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { journalFor } from "./submissionWorld.ts";
import { openDrive } from "./syncWorld.ts";

const [path = "", url = "", json = "", key = "", after = "0"] = process.argv.slice(2);
const record = JSON.parse(json) as Deployment;
const journal = journalFor(record.contract.address, path);
const drive = openDrive({ anvil: { url }, record, keeper: { privateKey: key as Hex } }, journal);
setTimeout(() => process.kill(process.pid, "SIGKILL"), Number(after));
await drive.tick();
