import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

/** A job scheduler of plain BullMQ with the library's defaults, written once, as its guide shows it. */
export type PlainQueue = {
  /** Whether it has ticked since a time of `performance.now()`, and when first. */
  tickAfter(time: number): number | null;
  /** Gives it up: what still wakes up counts no more. */
  abandon(): void;
};

let made = 0;

/** @param port where redis-server, or a proxy before it, listens on loopback */
export async function plainQueue(port: number, everyMs: number): Promise<PlainQueue> {
  const ticks: number[] = [];
  const options = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
  const connections = [new Redis(options), new Redis(options)] as const;
  const [first, second] = connections;
  // An abandoned one may still wake up when its connection returns; it then writes into nothing.
  let counts = true;
  const name = `plain-${made++}`;
  const queue = new Queue(name, { connection: first });
  const worker = new Worker(name, async () => void (counts && ticks.push(performance.now())), { connection: second });
  queue.on("error", () => {});
  worker.on("error", () => {});
  for (const connection of connections) connection.on("error", () => {});
  await queue.upsertJobScheduler("tick", { every: everyMs });
  return {
    tickAfter: (time) => ticks.find((tick) => tick > time) ?? null,
    abandon() {
      counts = false;
      void worker.close(true).catch(() => undefined);
      void queue.close().catch(() => undefined);
      for (const connection of connections) connection.disconnect();
    },
  };
}
