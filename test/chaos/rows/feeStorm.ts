import { type Hex, parseGwei, parseTransaction } from "viem";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import { type HttpFault, httpFaultProxy, type Passing } from "../support/httpFaultProxy.ts";
import { PATIENT, patientOnce } from "../support/running.ts";
import { eachSetBack, type WorldSetBack } from "../support/worldSetBack.ts";

/** One way in which a tightening does not get into a block. */
type Weather = {
  readonly name: string;
  readonly capGwei: number;
  readonly budgetEther: number;
  /** Base fee of the n-th minute, n from 1. */
  readonly gwei: (minute: number) => number;
  /** What the block of that minute does with the pool: leaves it out of the block, or forgets it. */
  readonly pool?: (minute: number) => "withhold" | "forget" | "include";
  /** Raise of both fee fields that the node demands of a replacement, percent. */
  readonly demands?: number;
  /** "lands" within five minutes, or says this on every run while it does not. */
  readonly expected: "lands" | RegExp;
};

const MINUTES = 5;

/** The base fee jumps twenty-fold, or the pool plays tricks, while a tightening waits for its block. */
export const feeStorm: ChaosRow = {
  fault: "base fee 20 -> 400 gwei; stuck nonce; replacement underpriced; dropped transaction; fee cap",
  mark: "tightening lands in 5 simulated minutes within budget, or escalates",
  gate: false,
  async run({ random, note }) {
    const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    const calm = { capGwei: 500, budgetEther: 0.5, gwei: () => 20 } as const;
    const [stuck, forgotten, demands, cap] = [pick(1, 3), pick(1, 3), pick(15, 90), pick(60, 350)];
    const storm = () => 400;
    const weathers: readonly Weather[] = [
      { ...calm, name: "base fee 20 -> 400 gwei", gwei: storm, expected: "lands" },
      { ...calm, name: "stuck nonce", pool: (n) => (n <= stuck ? "withhold" : "include"), expected: "lands" },
      { ...calm, name: "replacement underpriced", gwei: () => 60, demands, expected: "lands" },
      { ...calm, name: "dropped transaction", pool: (n) => (n <= forgotten ? "forget" : "include"), expected: "lands" },
      { ...calm, name: "fee cap", capGwei: cap, gwei: storm, expected: /fees\.maxFeePerGasGwei|the cap/ },
      { ...calm, name: "budget", budgetEther: 0.02, gwei: storm, expected: /fees of this hour.*hourlyBudgetEther/ },
    ];
    note(`left out of ${stuck} blocks, forgotten in ${forgotten}, +${demands} % demanded, cap ${cap} gwei`);
    return eachSetBack(weathers, note, through);
  },
};

/** A keeper that cron starts once a minute, through five minutes of it and as many of calm as it then needs. */
async function through(weather: Weather, { world }: WorldSetBack) {
  const { name, capGwei, budgetEther, expected } = weather;
  const { node } = world;
  const state = world.stateOf(name.replaceAll(/[^a-z]+/g, "-"));
  const audit = await beginAudit(world);
  const { sequence } = (await world.chain()).writer;
  const fees = { maxFeePerGasGwei: capGwei, hourlyBudgetEther: budgetEther };
  // A block is a minute here: what waits for one is late.
  const transactions = { receiptTimeoutSeconds: 1, pollMilliseconds: 100, replaceAfterBlocks: 1 };
  await world.write("fees.json", JSON.stringify({ ...PATIENT, fees, transactions }));
  const proxy = await httpFaultProxy(world.replica.url);
  proxy.rule = weather.demands === undefined ? () => "none" : pricey(weather.demands);
  const environment = { TONSOR_STATE: state, TONSOR_CONFIG: "fees.json", RPC_URL: proxy.url };
  const landed = async () => (await world.chain()).writer.sequence > sequence;
  const block = async (gwei: number, pool: "withhold" | "forget" | "include", seconds = 60) => {
    const raws = pool === "include" ? [] : await takenFromPool();
    await node.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei(String(gwei)) });
    await world.passTo((await world.chain()).blockTime + seconds);
    // What a builder leaves out is in the pool again after its block.
    const [newest] = pool === "withhold" ? raws : [];
    if (newest !== undefined) await node.sendRawTransaction({ serializedTransaction: newest }).catch(() => undefined);
  };
  const takenFromPool = async (): Promise<readonly Hex[]> => {
    const waiting = journal(world, state).filter((one) => ["SENT", "UNKNOWN"].includes(one.status));
    for (const { transactionHash } of waiting) {
      await node.dropTransaction({ hash: transactionHash }).catch(() => undefined);
    }
    return waiting.map((one) => one.rawTransaction).toReversed();
  };
  const runs: { readonly code: number | null; readonly said: string }[] = [];
  const once = async () => {
    const { code, out, err } = await patientOnce(world, environment);
    runs.push({ code, said: out + err });
    return code;
  };
  try {
    await node.setAutomine(false);
    await block(20, "include", 1);
    await once();
    const [first] = journal(world, state);
    let minutes = 0;
    while (minutes < MINUTES && !(await landed())) {
      minutes += 1;
      await block(weather.gwei(minutes), weather.pool?.(minutes) ?? "include");
      if (!(await landed())) await once();
    }
    const inTime = await landed();
    const stood = runs.slice(1);
    proxy.rule = () => "none";
    for (let calm = 0; calm < 3 && !(await landed()); calm++) {
      await block(20, "include");
      await once();
    }
    await node.setAutomine(true);
    await block(1, "include", 12);
    const last = await once();

    const intents = journal(world, state);
    const offered = Math.max(...intents.map((intent) => Number(intent.maxFeePerGas) / 1e9));
    const paid = intents.reduce((sum, intent) => sum + Number(intent.feeWei ?? 0n) / 1e18, 0);
    const most = Math.max(...intents.map((intent) => Number(intent.gasLimit * intent.maxFeePerGas) / 1e18));
    const updates = intents.filter((one) => one.status === "CONFIRMED" && one.kind === "BATCH").length;
    const applied = (await audit.applied()).length;
    const findings: Finding[] = [
      holds(`${name}: a tightening was sent and waits`, first?.tightens === true && runs[0]?.code === 75),
      expected === "lands"
        ? atMost(`${name}: simulated minutes until it landed`, inTime ? minutes : Number.NaN, MINUTES)
        : holds(
            `${name}: each of ${stood.length} runs says what stands in the way, and ends with 75`,
            !inTime && stood.every(({ code, said }) => code === 75 && expected.test(said)),
            inTime
              ? "it landed"
              : stood.map(({ code, said }) => `${code}${expected.test(said) ? "" : " silent"}`).join(),
          ),
      ...(expected === "lands"
        ? [holds(`${name}: it was offered higher while it waited`, offered * 1e9 > Number(first?.maxFeePerGas))]
        : []),
      holds(`${name}: it stands in the end`, await landed()),
      atMost(`${name}: most that was offered, gwei`, offered, capGwei),
      atMost(`${name}: most that one nonce could cost, ether`, most, budgetEther),
      atMost(`${name}: paid, ether`, paid, budgetEther),
      holds(`${name}: one effect for each confirmed intent`, applied === updates, `${applied} for ${updates}`),
    ];
    return { findings, ledger: await audit.ledger([state], last === 0 && (await landed()), "good") };
  } finally {
    await node.setAutomine(true);
    await proxy.close();
  }
}

/** A node that takes a replacement only when both fee fields are so many percent above what it took before. */
function pricey(percent: number): (passing: Passing) => HttpFault {
  const taken = new Map<number, { readonly fee: bigint; readonly tip: bigint }>();
  return ({ body }) => {
    if (!body.includes("eth_sendRawTransaction")) return "none";
    const calls = [JSON.parse(body) as Asked | readonly Asked[]].flat();
    const send = calls.find(({ method }) => method === "eth_sendRawTransaction");
    if (send === undefined) return "none";
    const { nonce = 0, maxFeePerGas: fee = 0n, maxPriorityFeePerGas: tip = 0n } = parseTransaction(send.params[0]);
    const before = taken.get(nonce);
    const least = (value: bigint) => (value * BigInt(100 + percent)) / 100n;
    const same = fee === before?.fee && tip === before.tip;
    if (before === undefined || (fee >= least(before.fee) && tip >= least(before.tip))) taken.set(nonce, { fee, tip });
    else if (!same) {
      return { ask: (asked) => asked.replace("eth_sendRawTransaction", "eth_chainId"), change: refusing(send.id) };
    }
    return "none";
  };
}

type Asked = { readonly id: number; readonly method: string; readonly params: readonly [Hex] };

/** The answers with the one to a question of this id turned into a refusal. */
function refusing(id: number): (answer: string) => string {
  const error = { code: -32_000, message: "replacement transaction underpriced" };
  return (answer) => {
    const said = JSON.parse(answer) as { readonly id: number } | readonly { readonly id: number }[];
    const told = [said].flat().map((one) => (one.id === id ? { jsonrpc: "2.0", id, error } : one));
    return JSON.stringify(Array.isArray(said) ? told : told[0]);
  };
}
