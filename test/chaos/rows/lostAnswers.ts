import { type Hex, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { reconcile } from "../../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../../keeper/submission/submitBatch.ts";
import { contextFor, effects, journalFor, submissionFor } from "../../submission/submissionWorld.ts";
import { atMost, type ChaosRow, type Finding, holds, type Ledger } from "../row.ts";
import { EFFECT_NODES, type EffectNode } from "../support/effectNodes.ts";
import { type HttpFault, httpFaultProxy } from "../support/httpFaultProxy.ts";
import { sumLedgers } from "../support/sumLedgers.ts";

const FAULTS: readonly HttpFault[] = ["loseAnswer", "badGateway", "loseRequest"];

/** The node takes the transaction and its answer is lost, a hundred times; the way it is lost goes by the seed. */
export const lostAnswers: ChaosRow = {
  fault: "send accepted, answer lost or 502, x100, on both nodes",
  mark: "exactly one effect per intent, no skipped nonce",
  gate: true,
  async run({ short, random, note }) {
    const findings: Finding[] = [];
    const ledgers: Ledger[] = [];
    for (const name of ["anvil", "hardhat"] as const) {
      note(name);
      const node = await EFFECT_NODES[name]();
      try {
        const part = await rounds(node, short ? 25 : 100, random);
        findings.push(...part.findings);
        ledgers.push(part.ledger);
      } finally {
        await node.close();
      }
    }
    return { ledger: sumLedgers(ledgers), findings };
  },
};

/** So many intents, each of which loses an answer; the contract writes no haircut, so none can be loosened. */
async function rounds({ name, url, node, effect, setBalance }: EffectNode, count: number, random: () => number) {
  const proxy = await httpFaultProxy(url);
  try {
    const key = secret(random);
    const { address } = privateKeyToAccount(key);
    await setBalance(address, parseEther("10"));
    const journal = journalFor(effect);
    const context = contextFor(journal, proxy.url, key);
    let faults = 0;
    for (let n = 0; n < count; n++) {
      let left = 1;
      const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? "loseAnswer";
      proxy.rule = ({ body }) => {
        if (!body.includes("eth_sendRawTransaction") || left-- <= 0) return "none";
        faults += 1;
        return fault;
      };
      await patiently(() => submitBatch(submissionFor(journal, effect, n), context));
    }
    proxy.rule = () => "none";
    const open = await reconcile(context);
    const seen = await effects(node, effect);
    const intents = journal.recentIntents(10 * count).toReversed();
    const nonces = intents.map(({ nonce }) => nonce);
    const used = await node.getTransactionCount({ address });
    const different = new Set(seen).size;
    const findings: Finding[] = [
      holds(`${name}: an answer or a request was lost each time`, faults >= count, String(faults)),
      holds(`${name}: ${count} intents have ${count} effects, in their order`, inOrder(seen, count), `${seen.length}`),
      holds(`${name}: the journal calls every one of them CONFIRMED`, intents.every(isConfirmed)),
      atMost(`${name}: skipped nonces`, nonces.filter((nonce, n) => nonce !== n).length, 0),
      atMost(`${name}: transactions paid beyond one per intent`, used - count, 0),
    ];
    const [lost, doubled] = [count - different + open.length, seen.length - different];
    return { findings, ledger: { liquidations: null, lost, doubled, loosened: null, recovered: used === count } };
  } finally {
    await proxy.close();
  }
}

const inOrder = (seen: readonly number[], count: number): boolean =>
  seen.length === count && seen.every((effect, n) => effect === n);
const isConfirmed = ({ status }: { readonly status: string }): boolean => status === "CONFIRMED";

function secret(random: () => number): Hex {
  const byte = () => Math.floor(random() * 255 + 1);
  return `0x${Buffer.from(Array.from({ length: 32 }, byte)).toString("hex")}`;
}

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
