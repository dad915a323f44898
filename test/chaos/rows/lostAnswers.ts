import { parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { reconcile } from "../../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../../keeper/submission/submitBatch.ts";
import { contextFor, effects, journalFor, submissionFor, submissionWorld } from "../../submission/submissionWorld.ts";
import { atMost, type ChaosRow, holds } from "../row.ts";
import { type HttpFault, httpFaultProxy } from "../support/httpFaultProxy.ts";

const FAULTS: readonly HttpFault[] = ["loseAnswer", "badGateway", "loseRequest"];

/** The node takes the transaction and its answer is lost, a hundred times; the way it is lost goes by the seed. */
export const lostAnswers: ChaosRow = {
  fault: "send accepted, answer lost or 502, x100",
  mark: "exactly one effect per intent, no skipped nonce",
  gate: true,
  async run({ short, random, seed }) {
    const rounds = short ? 25 : 100;
    const world = await submissionWorld();
    const proxy = await httpFaultProxy(world.anvil.url);
    try {
      const secret = Array.from({ length: 32 }, () =>
        Math.floor(random() * 255 + 1)
          .toString(16)
          .padStart(2, "0"),
      );
      const key = `0x${secret.join("")}` as const;
      const { address } = privateKeyToAccount(key);
      await world.node.setBalance({ address, value: parseEther("10") });
      const journal = journalFor(world.effect);
      const context = contextFor(journal, proxy.url, key);
      const base = 10_000 + (seed % 1_000);
      let gaps = 0;
      for (let n = 0; n < rounds; n++) {
        let left = 1;
        const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? "loseAnswer";
        proxy.rule = ({ body }) => (body.includes("eth_sendRawTransaction") && left-- > 0 ? fault : "none");
        const intent = await patiently(() => submitBatch(submissionFor(journal, world.effect, base + n), context));
        if (intent.nonce !== n) gaps += 1;
      }
      proxy.rule = () => "none";
      const open = await reconcile(context);
      const seen = (await effects(world.node, world.effect)).filter((effect) => effect >= base);
      const doubled = seen.length - new Set(seen).size;
      const lost = rounds - new Set(seen).size;
      return {
        ledger: { liquidations: null, lost: lost + open.length, doubled, loosened: null, recovered: seen.length > 0 },
        findings: [
          holds(`${rounds} intents have ${rounds} effects`, seen.length === rounds, String(seen.length)),
          atMost("skipped nonces", gaps, 0),
        ],
      };
    } finally {
      await proxy.close();
      await world.anvil.close();
    }
  },
};

/** A busy machine answers late now and then; what was not begun is begun again, as the next tick would. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TonsorError && error.retryable) || tries >= 5) throw error;
    }
  }
}
