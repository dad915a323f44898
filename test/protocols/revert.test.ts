import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  type Hex,
  type PublicClient,
} from "viem";
import { limitOf, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { figure, onChain } from "../../keeper/protocols/onChain.ts";

const KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** What viem throws for a call that the contract refused with these bytes. */
function refused(data: Hex): Error {
  const cause = new ContractFunctionRevertedError({ abi, data, functionName: "marketCount" });
  return new ContractFunctionExecutionError(cause, { abi, functionName: "marketCount" });
}

/** Three numbers in one word, as a refusal has them (N of Words.sol). */
const numbers = (initialBps: number, maintenanceTargetBps: number, tokens: number) =>
  (BigInt(65_535 - limitOf(tokens)) << 29n) | (BigInt(initialBps) << 14n) | BigInt(maintenanceTargetBps);

/** What a call that fails so is said to mean, at a node of the right chain. */
async function toldOf(error: unknown): Promise<TonsorError> {
  const client = { chain: { id: 1 }, getChainId: async () => 1 } as unknown as PublicClient;
  return onChain(client, () => Promise.reject(error)).catch((told: TonsorError) => told);
}

const CASES: readonly (readonly [Hex, string])[] = [
  [
    encodeErrorResult({ abi, errorName: "WrongSequence", args: [5n, 6n] }),
    "WrongSequence: given 5, the chain expects 6",
  ],
  [
    encodeErrorResult({ abi, errorName: "NoMarketApplied", args: [2, 11] }),
    "NoMarketApplied: every market was refused, market 2 for STEP_TOO_LARGE: looser than one step or the market's budget of this window reaches",
  ],
  [
    encodeErrorResult({ abi, errorName: "NoMarketApplied", args: [2, 77] }),
    "NoMarketApplied: every market was refused, market 2 for 77",
  ],
  [
    encodeErrorResult({ abi, errorName: "PostconditionFailed", args: [1, "gap to target"] }),
    "PostconditionFailed: market 1, gap to target",
  ],
  [
    encodeErrorResult({ abi, errorName: "ModeNotSafer", args: [1, 0, 2] }),
    "ModeNotSafer: market 1 is FROZEN, asked for NORMAL",
  ],
  [
    encodeErrorResult({ abi, errorName: "BadValues", args: [7, 10n, 20n] }),
    "BadValues: GAP_TOO_SMALL: initial too close to maintenance, bps; given 10, allowed 20",
  ],
  [
    encodeErrorResult({
      abi,
      errorName: "BadValues",
      args: [5, numbers(900, 800, 12_000), numbers(1_000, 700, 36_000)],
    }),
    "BadValues: TOO_LOOSE: one of the three numbers is looser than governance's bounds; given initial 900, maintenance target 800, limit 12000 tokens, allowed initial 1000, maintenance target 700, limit 36000 tokens",
  ],
  [
    encodeErrorResult({ abi, errorName: "NotAllowed", args: [KEEPER] }),
    `NotAllowed: ${KEEPER} has no power to do this`,
  ],
  [
    encodeErrorResult({ abi, errorName: "WriterIsHalted", args: [KEEPER, 1_770_000_000n] }),
    `WriterIsHalted: a guardian has halted ${KEEPER} until 1770000000`,
  ],
  [
    encodeErrorResult({ abi, errorName: "OwnableUnauthorizedAccount", args: [KEEPER] }),
    `${KEEPER} is not governance, the owner of the contract`,
  ],
  [
    encodeErrorResult({ abi, errorName: "DeadlinePassed", args: [17n, 18n] }),
    "DeadlinePassed: the batch was good until 17, the block is at 18",
  ],
  [
    encodeErrorResult({ abi, errorName: "BadEntries", args: [15n] }),
    "BadEntries: 15 bytes are no whole number of entries",
  ],
  [
    encodeErrorResult({ abi, errorName: "HeldByGovernance", args: [1, 1] }),
    "HeldByGovernance: market 1 is NO_NEW_RISK until governance changes it",
  ],
  [
    encodeErrorResult({ abi, errorName: "GuardianCoolingDown", args: [1_770_000_000n] }),
    "GuardianCoolingDown: a guardian did this before, and may again from 2026-02-02T02:40:00Z on; governance may now",
  ],
  [encodeErrorResult({ abi, errorName: "BadLimits", args: ["gap", 0n, 1n] }), "BadLimits(gap, 0, 1)"],
  [encodeErrorResult({ abi, errorName: "UnknownMarket", args: [9] }), "UnknownMarket(9)"],
];

for (const [data, words] of CASES) {
  test(`the contract's refusal is told as: ${words}`, async () => {
    const told = await toldOf(refused(data));
    assert.match(told.code, /^TRANSACTION_(REVERTED|FATAL)$/);
    assert.equal(told.message, words);
  });
}

test("an error of ours stays what it is, and anything else is RPC_FAILED", async () => {
  const ours = new TonsorError("WRONG_CHAIN", "x");
  assert.equal(await toldOf(ours), ours);
  assert.equal((await toldOf(new Error("socket"))).code, "RPC_FAILED");
  assert.equal((await toldOf("gone")).code, "RPC_FAILED");
});

test("the figures of a refusal are three numbers where its reason compares three, and one where it compares one", () => {
  const word = Number(numbers(2_150, 1_800, 12_000));
  const words = "initial 2150, maintenance target 1800, limit 12000 tokens";
  const of = (value: number) => SKIP_REASONS.filter((reason) => figure(reason, value) !== String(value));
  assert.deepEqual(of(word), ["TOO_LOOSE", "TOO_TIGHT", "STEP_TOO_LARGE"]);
  for (const reason of of(word)) assert.equal(figure(reason, word), words);
  // The widest that the three can be is still a number without loss.
  assert.equal(
    figure("TOO_TIGHT", 2 ** 45 - 1 - 2 ** 28 - 2 ** 13),
    "initial 16383, maintenance target 8191, limit 0 tokens",
  );
  assert.equal(figure("AGGREGATE_SPENT", 21), "21");
});
