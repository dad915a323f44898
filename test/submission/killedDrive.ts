/**
 * A keeper's cycle for its lenders that is killed with SIGKILL at a named place of it, or after so many milliseconds. Run as a
 * process by syncKilled.slow.test.ts: node killedDrive.ts <journal> <node> <record as JSON> <key> <place or milliseconds>
 */
import type { Hex } from "viem";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { killedAt } from "./killedAt.ts";
import { contextFor, journalFor } from "./submissionWorld.ts";
import { openDrive } from "./syncWorld.ts";

const [path = "", url = "", json = "", privateKey = "", place = ""] = process.argv.slice(2);
const record = JSON.parse(json) as Deployment;
const plain = journalFor(record.contract.address, path);
const { journal, broadcaster } = killedAt(place, plain, contextFor(plain, url, privateKey as Hex).broadcaster);
const world = { anvil: { url }, record, keeper: { privateKey: privateKey as Hex } };
const drive = openDrive(world, journal, { context: { broadcaster } });
const milliseconds = Number(place);
if (!Number.isNaN(milliseconds)) setTimeout(() => process.kill(process.pid, "SIGKILL"), milliseconds);
await drive.tick();
process.exit(3);
