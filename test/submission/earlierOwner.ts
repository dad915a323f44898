/**
 * A worker of a fleet that is stopped at the hand-over of a batch and, woken, sends all the same: past the fence, which is the
 * journal's, it hands over the bytes that it journalled, then what it signs anew of the same number of the key. Run as a
 * process by earlierOwner.e2e.test.ts: node earlierOwner.ts <journal> <rpc> <key> <contract> <time of the chain>; says what came of each.
 */
import { writeSync } from "node:fs";
import { createWalletClient, type Hex, http } from "viem";
import { foundry } from "viem/chains";
import type { Batch } from "../../keeper/domain/contract.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { contextFor, journalFor, submissionFor } from "./submissionWorld.ts";

const [path, rpc = "", key = "", to = "", time = ""] = process.argv.slice(2);
const contract = to as Hex;
const journal = journalFor(contract, path);
journal.takeOver();
const context = contextFor(journal, rpc, key as Hex);
const plain = submissionFor(journal, contract, 1, Number(time) + 300);
const batchOf = (initialBps: number): Batch => ({
  ...plain.batch,
  entries: plain.batch.entries.map((entry) => ({ ...entry, initialBps, asOf: Number(time) })),
});
const [batch, other] = [batchOf(2_300), batchOf(2_350)];
const { account, broadcaster } = context;
const wallet = createWalletClient({ account: account as never, chain: foundry, transport: http(rpc) });
const saying = async (what: string, work: () => Promise<unknown>) => {
  const how = await work().then(
    () => "taken",
    (error: Error & { code?: string; shortMessage?: string; details?: string }) =>
      error.code === undefined || typeof error.code === "number" ? (error.details ?? error.message) : error.code,
  );
  writeSync(1, `${what}: ${how}\n`);
};
const sign = (batch: Batch, nonce: number) =>
  wallet.sendTransaction({
    to: contract,
    data: encodeBatch(batch),
    nonce,
    gas: 400_000n,
    maxFeePerGas: 900_000_000_000n,
    maxPriorityFeePerGas: 2_000_000_000n,
  });

let stopped = false;
await saying("the submission", () =>
  submitBatch(
    { ...plain, batch, data: encodeBatch(batch), gasLimit: 400_000n },
    {
      ...context,
      broadcaster: {
        ...broadcaster,
        async send(raw, ...rest) {
          if (!stopped) {
            stopped = true;
            process.kill(process.pid, "SIGSTOP");
            // The signal comes at once, but from outside.
            await new Promise((resolve) => setTimeout(resolve, 50));
            await saying("a row", async () => journal.recordTick({ now: 1, blockNumber: null, markets: [] }));
          }
          await saying("the same bytes", () => broadcaster.send(raw, ...rest));
          await saying("other content at the same nonce", () => sign(other, 0));
          await saying("the same batch at the next nonce", () => sign(batch, 1));
          await saying("other content of the same number at the nonce after", () => sign(other, 2));
        },
      },
    },
  ),
);
journal.close();
