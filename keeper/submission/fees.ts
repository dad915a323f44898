import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent, IntentKind } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import type { SendContext, SettleContext } from "./context.ts";
import { isOf, rivalGroups } from "./nonces.ts";

/** EIP-1559 fees, wei per gas. */
export type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** What may be paid for transactions: the cap on what is ever offered and the most that is offered first as a tip, wei per gas. */
export type FeeLimits = Fees & {
  /** No offer is above so many times what the market asks. Absent: the cap alone counts. */
  readonly marketMultiple?: bigint;
  /** Fees within an hour and within a day, wei. Absent: no limit. */
  readonly budget?: { readonly perHour: bigint; readonly perDay: bigint };
  /** Fees within a day for lenders, wei: a purse of their own. Absent: no limit. */
  readonly lendersPerDay?: bigint;
};

const GWEI = 1_000_000_000;
/** The tip where no node tells what others pay, wei per gas. */
const USUAL_TIP = 1_000_000_000n;
/** Where the market asks next to nothing, a raise up to this is no waste: a batch then costs a few millionths of an ether. */
const LEAST_CAP = 100_000_000n;

/** `fees` of the configuration file in wei. */
export function feeLimits(settings: {
  readonly maxFeePerGasGwei: number;
  readonly maxPriorityFeePerGasGwei: number;
  readonly maxMarketMultiple: number;
  readonly hourlyBudgetEther: number;
  readonly dailyBudgetEther: number;
  readonly lendersDailyBudgetEther: number;
}): FeeLimits {
  const weiOfGwei = (gwei: number) => BigInt(Math.round(gwei * GWEI));
  const weiOfEther = (ether: number) => weiOfGwei(ether) * BigInt(GWEI);
  return {
    maxFeePerGas: weiOfGwei(settings.maxFeePerGasGwei),
    maxPriorityFeePerGas: weiOfGwei(settings.maxPriorityFeePerGasGwei),
    marketMultiple: BigInt(settings.maxMarketMultiple),
    budget: { perHour: weiOfEther(settings.hourlyBudgetEther), perDay: weiOfEther(settings.dailyBudgetEther) },
    lendersPerDay: weiOfEther(settings.lendersDailyBudgetEther),
  };
}

/**
 * Returns the limits as the market has them now: the tip that others paid in the last blocks, as far as it is allowed, and
 * a cap of so many times what the market asks, below the absolute one.
 * @example marketLimits({ maxFeePerGas: 500n * G, maxPriorityFeePerGas: 2n * G, marketMultiple: 10n }, 20n * G, 3n * G)
 * // { maxFeePerGas: 230n * G, maxPriorityFeePerGas: 2n * G, ... }, with G a gwei
 */
function marketLimits(limits: FeeLimits, baseFee: bigint, tip: bigint | null): FeeLimits {
  const maxPriorityFeePerGas = smaller(tip ?? USUAL_TIP, limits.maxPriorityFeePerGas);
  if (limits.marketMultiple === undefined) return { ...limits, maxPriorityFeePerGas };
  const asked = baseFee + larger(tip ?? 0n, maxPriorityFeePerGas);
  const cap = larger(limits.marketMultiple * asked, LEAST_CAP);
  return { ...limits, maxPriorityFeePerGas, maxFeePerGas: smaller(cap, limits.maxFeePerGas) };
}

/** What is asked and offered now: the latest block's base fee, wei per gas, and the limits as `marketLimits` has them. */
export async function marketNow({ broadcaster, fees }: Pick<SendContext, "broadcaster" | "fees">) {
  const { baseFee, number } = await broadcaster.latestBlock();
  return { baseFee, block: number, limits: marketLimits(fees, baseFee, await broadcaster.tip(number)) };
}

/**
 * Returns the EIP-1559 fees to offer, wei per gas: room for the base fee to double (six full blocks), never above the cap.
 * @throws TonsorError `FEE_CAP_EXCEEDED` when the present base fee and tip do not fit below the cap.
 * @example chooseFees(10n, { maxFeePerGas: 100n, maxPriorityFeePerGas: 2n }) // { maxFeePerGas: 22n, maxPriorityFeePerGas: 2n }
 */
export function chooseFees(baseFee: bigint, limits: FeeLimits): Fees {
  const { maxPriorityFeePerGas } = limits;
  const needed = baseFee + maxPriorityFeePerGas;
  if (needed > limits.maxFeePerGas) {
    throw new TonsorError("FEE_CAP_EXCEEDED", "the network asks more than the cap, wei per gas", {
      given: needed,
      expected: `<= ${limits.maxFeePerGas}`,
    });
  }
  const roomy = 2n * baseFee + maxPriorityFeePerGas;
  return { maxFeePerGas: smaller(roomy, limits.maxFeePerGas), maxPriorityFeePerGas };
}

/**
 * Returns the fees with which a transaction takes the place of one of the same nonce, wei per gas; null when the cap
 * does not allow them. Both fields rise by `bumpPercent`, rounded up, and by at least 1 wei (geth wants strictly more
 * of both), and reach what `chooseFees` would offer now, as far as the cap allows. The cap bounds both fields.
 * @example raiseFees({ maxFeePerGas: 41n, maxPriorityFeePerGas: 1n }, 400n, { maxFeePerGas: 500n, maxPriorityFeePerGas: 1n }, 12.5)
 * // { maxFeePerGas: 500n, maxPriorityFeePerGas: 2n }
 */
export function raiseFees(last: Fees, baseFee: bigint, limits: FeeLimits, bumpPercent: number): Fees | null {
  const maxPriorityFeePerGas = larger(raised(last.maxPriorityFeePerGas, bumpPercent), limits.maxPriorityFeePerGas);
  const least = larger(raised(last.maxFeePerGas, bumpPercent), baseFee + maxPriorityFeePerGas);
  if (least > limits.maxFeePerGas) return null;
  const roomy = larger(least, 2n * baseFee + maxPriorityFeePerGas);
  return { maxFeePerGas: smaller(roomy, limits.maxFeePerGas), maxPriorityFeePerGas };
}

/** Percent are counted in thousandths, rounded up, so that the arithmetic stays whole. */
function raised(value: bigint, percent: number): bigint {
  const scale = 100_000n;
  const grown = (value * (scale + BigInt(Math.ceil(percent * 1_000))) + scale - 1n) / scale;
  return larger(grown, value + 1n);
}

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** One transaction that is about to be signed. */
type Expense = {
  readonly from: Hex;
  readonly nonce: number;
  /** The most it can cost: gas limit times highest fee, and its publication on a rollup, wei. */
  readonly most: bigint;
  /** Absent: BATCH. */
  readonly kind?: IntentKind;
  readonly tightens: boolean;
};

/**
 * Throws SPEND_BUDGET unless an expense fits what is left of the hour's and the day's budget: what was paid in blocks
 * since, by the journal, and the most that what is open at other nonces can cost. Rivals at its own nonce do not count:
 * only one of them is ever paid. What does not tighten may use half of each budget, so that a tightening finds room. What is
 * for lenders has a budget of its own, of the day, and neither takes anything of the other's.
 * @example assertBudget({ from, nonce: 3, most: 5n, kind: "BATCH", tightens: true }, { ...fees, budget: { perHour: 10n, perDay: 20n } }, journal, now)
 */
export function assertBudget(
  { from, nonce, most, kind, tightens }: Expense,
  { budget, lendersPerDay }: FeeLimits,
  journal: Pick<Journal, "openIntents" | "spentSince">,
  now: number,
): void {
  const forLenders = kind === "SYNC";
  const what = forLenders ? "lenders" : "others";
  const isOther = (one: Intent) => isOf(one, from) && one.nonce !== nonce && (one.kind === "SYNC") === forLenders;
  const others = rivalGroups(journal.openIntents().filter(isOther));
  const committed = others.reduce((sum, rivals) => sum + mostOf(rivals), 0n);
  const limits = forLenders
    ? ([["day for lenders", DAY_SECONDS, lendersPerDay, "lendersDailyBudgetEther"]] as const)
    : ([
        ["hour", HOUR_SECONDS, budget?.perHour, "hourlyBudgetEther"],
        ["day", DAY_SECONDS, budget?.perDay, "dailyBudgetEther"],
      ] as const);
  for (const [window, seconds, limit, field] of limits) {
    if (limit === undefined) continue;
    const allowed = tightens ? limit : limit / 2n;
    const total = journal.spentSince(from, now - seconds, what) + committed + most;
    if (total <= allowed) continue;
    const share = tightens ? "" : ", half of it for what does not tighten";
    throw new TonsorError("SPEND_BUDGET", `fees of this ${window} would exceed their budget, wei`, {
      given: total,
      expected: `<= ${allowed} (fees.${field}${share})`,
    });
  }
}

function mostOf(rivals: readonly Intent[]): bigint {
  return rivals.reduce((most, { gasLimit, maxFeePerGas }) => larger(most, gasLimit * maxFeePerGas), 0n);
}

/** Gas of a batch when none has been sent yet. */
const USUAL_GAS = 150_000n;

/** Rows of the journal in which the last batch is searched: cancellations, of 21 000 gas, may lie before it. */
const SEARCHED = 50;

/** The gas limit of the last batch, or of a usual one. */
export function gasOfLast(journal: Pick<Journal, "recentIntents">): bigint {
  return journal.recentIntents(SEARCHED).find(({ kind }) => kind === "BATCH")?.gasLimit ?? USUAL_GAS;
}

/**
 * What to say about the balance of the account that signs, or null while it pays for enough batches or cannot be read: each
 * of the gas of the last, at twice a base fee and never above the cap. Below one batch nothing is signed.
 * @param warnBelow whole batches
 */
export async function lowFunds(
  account: Hex,
  warnBelow: number,
  parts: Pick<SettleContext, "broadcaster" | "journal"> & { readonly fees: Fees; readonly baseFee: bigint },
): Promise<string | null> {
  const { journal, broadcaster, fees, baseFee } = parts;
  try {
    const fee = smaller(2n * baseFee + fees.maxPriorityFeePerGas, fees.maxFeePerGas);
    const batches = Number((await broadcaster.balance(account)) / (gasOfLast(journal) * larger(fee, 1n)));
    if (batches >= warnBelow) return null;
    const stops = batches < 1 ? "nothing can be sent" : `nothing is sent below one`;
    return `low balance: ${account} pays for ${batches} more batches, warned below ${warnBelow}; ${stops}. Fund it`;
  } catch {
    // The cycle itself reports a node that does not answer.
    return null;
  }
}
