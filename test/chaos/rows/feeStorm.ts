import { parseGwei } from "viem";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";

/** The base fee jumps twenty-fold while a tightening waits for its block. */
export const feeStorm: ChaosRow = {
  fault: "base fee 20 -> 400 gwei; stuck nonce; replacement; fee cap",
  mark: "tightening lands in 5 simulated minutes within budget, or escalates",
  gate: false,
  async run({ world: open, random, note }) {
    const world = await open();
    const state = world.stateOf("fees");
    await world.advance();
    const audit = await beginAudit(world);
    const capGwei = random() < 0.5 ? 500 : 100;
    note(`fee cap ${capGwei} gwei`);
    const transactions = { receiptTimeoutSeconds: 1, replaceAfterSeconds: 5, pollMilliseconds: 100 };
    await world.write("fees.json", JSON.stringify({ fees: { maxFeePerGasGwei: capGwei }, transactions }));
    const environment = { TONSOR_STATE: state, TONSOR_CONFIG: "fees.json" };
    const { node } = world;
    const block = async (gwei: string, seconds: number) => {
      const { blockTime } = await world.chain();
      await node.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei(gwei) });
      await world.passTo(blockTime + seconds);
    };
    await node.setAutomine(false);
    let minutes = 0;
    let words = "";
    const sequence = (await world.chain()).sequence;
    try {
      await block("20", 1);
      words += (await world.tonsor("once --json", environment)).out;
      while (minutes < 5 && (await world.chain()).sequence === sequence) {
        minutes += 1;
        await block("400", 60);
        words += (await world.tonsor("once --json", environment)).out;
      }
    } finally {
      await node.setAutomine(true);
      await block("1", 12);
    }
    const landed = (await world.chain()).sequence > sequence;
    const settled = await world.tonsor("once --json", environment);
    const intents = journal(world, state);
    const most = Math.max(...intents.map((intent) => Number(intent.maxFeePerGas) / 1e9));
    const nonces = new Set(intents.map((intent) => intent.nonce));
    const findings: Finding[] = [
      atMost("most that was offered, gwei", most, capGwei),
      atMost("nonces used for one update", nonces.size, 2),
      landed && minutes < 5
        ? atMost("simulated minutes until it landed", minutes, 5)
        : holds("escalates: says what stands in the way", /cap|fee|waits|replace|deadline/i.test(words)),
    ];
    const ledger = await audit.ledger([state], settled.code === 0);
    return { ledger: { ...ledger, loosened: null }, findings };
  },
};
