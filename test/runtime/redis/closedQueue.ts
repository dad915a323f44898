/**
 * Opens a queue, says so, closes it when its input ends, and is expected to end by itself then: it calls no
 * `process.exit`. Usage: node closedQueue.ts <address of Redis>
 */
import { once } from "node:events";
import { openTickQueue } from "../../../keeper/runtime/redis/tickQueue.ts";

const [url = ""] = process.argv.slice(2);
const queue = openTickQueue({ url, name: "closed", everyMs: 500, onTick: async () => {}, onProblem: () => {} });
await queue.renew();
process.stdout.write("open\n");
process.stdin.resume();
await once(process.stdin, "end");
await queue.close();
process.stdout.write("closed\n");
