import assert from "node:assert/strict";
import type { Contract, ContractTransactionReceipt, ContractTransactionResponse, Interface, Signer } from "ethers";
import { network } from "hardhat";
import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { limitOf, POWERS, type Power } from "../../../keeper/domain/contract.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import { encodeEntries } from "../../../keeper/protocols/words.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { compiled } from "../../support/compiled.ts";

/** A whole minute of the contract's calendar. */
const START = 1_770_000_000;
export const TTL = CLASS_LIMITS.ttlHours * HOUR_SECONDS;
export const [NORMAL, NO_NEW_RISK, FROZEN] = [0n, 1n, 2n];
export type CoreWorld = Awaited<ReturnType<typeof coreWorld>>;
/** What a batch of these tests says of each market. */
export type Values = { readonly initialBps: number; readonly maintenanceTargetBps: number; readonly asOf?: number };
/** A batch as `publishBatch` takes it. */
export type Batch = { readonly head: bigint; readonly evidence: `0x${string}`; readonly entries: `0x${string}` };

/** The quorum may loosen 200 bp a step, the hot key 80. */
export const LIMITS = { ...CLASS_LIMITS, hotBudgetBps: 100, quorumBudgetBps: 250 };
const LIMIT = limitOf(50_000);

/** The head of a batch, as H of Words.sol lays it out. */
const headOf = (sequence: bigint, deadline: number): bigint => sequence | (BigInt(deadline) << 64n) | (1n << 104n);

/**
 * The small core on a network of its own inside this process, with `markets` markets at 22 % / 18 %, observed an hour before,
 * and the accounts governance (which owns it, and may list), keeper and guardian. No account is a quorum or a challenger yet.
 */
export async function coreWorld(markets = 5, chainId = 31_337) {
  await compiled();
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date(START * 1000), chainId },
  });
  const [deployer, governance, keeper, guardian, stranger, ...others] = await ethers.getSigners();
  if (!deployer || !governance || !keeper || !guardian || !stranger) throw new Error("the network has no accounts");

  const own = async (name: string, ...args: unknown[]): Promise<Contract> =>
    (await ethers.deployContract(name, args)) as unknown as Contract;
  const setting = (account: string, power: Power) => ({
    account,
    power: POWERS.indexOf(power),
    aggregateBps: 1_000_000,
    tripBps: 0,
  });
  const deployCore = async (): Promise<Contract> => {
    const accounts = [
      setting(keeper.address, "HOT"),
      setting(guardian.address, "GUARDIAN"),
      setting(governance.address, "LISTER"),
    ];
    const core = await own("Parameters", governance.address, accounts, [{ classId: 0, limits: LIMITS }], []);
    return as(core, governance);
  };
  const core = await deployCore();
  const weth = await (await own("MockERC20", "Wrapped Ether", "WETH", 18)).getAddress();
  const listing = (debt: string) => ({
    collateral: weth,
    debt,
    classId: 0,
    initialBps: 2_200,
    maintenanceBps: 1_800,
    limit: LIMIT,
    lowestLimit: 1,
    highestLimit: LIMIT,
  });
  for (let index = 0; index < markets; index += 1) {
    const debt = index === 0 ? USD : await (await own("MockERC20", "Debt", "DEBT", 18)).getAddress();
    await send(core, "listMarket", listing(debt));
  }

  const now = async (): Promise<number> => (await ethers.provider.getBlock("latest"))?.timestamp ?? START;
  return {
    ethers,
    provider,
    accounts: { deployer, governance, keeper, guardian, stranger, others },
    core,
    deployCore,
    own,
    weth,
    listing,
    now,
    /** Gives an account one power, or takes it away with NONE. */
    admit: (account: string, power: Power, parameters = core) => send(parameters, "admit", setting(account, power)),
    pass: async (seconds: number): Promise<void> => {
      // From the last block on, not from now: a busy machine may have taken long since.
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [(await now()) + seconds] });
      await provider.request({ method: "evm_mine" });
    },
    /** The next batch of a writer, for the first `count` markets, observed now. */
    batch: async (writer: string, values: Values, change: BatchChange = {}, count = 1): Promise<Batch> => {
      const parameters = change.parameters ?? core;
      const sequence = change.sequence ?? (await sequenceOf(parameters, writer)) + 1n;
      const time = await now();
      const entries = Array.from({ length: count }, (_, index) => ({
        asOf: time,
        ...values,
        marketId: index + 1,
        generation: 16,
        limit: LIMIT,
        confidence: 31,
        sources: 7,
        orTighter: false,
      }));
      const head = headOf(sequence, change.deadline ?? time + 600);
      return { head, evidence: ethers.id("evidence") as `0x${string}`, entries: encodeEntries(entries) };
    },
    initialOf: async (marketId = 1, parameters = core): Promise<bigint> =>
      ((await read(parameters, "haircuts(uint16)", marketId)) as unknown as { initialBps: bigint }).initialBps,
    modeOf: async (marketId = 1): Promise<bigint> =>
      ((await read(core, "haircuts(uint16)", marketId)) as unknown as { mode: bigint }).mode,
  };
}

type BatchChange = { readonly sequence?: bigint; readonly deadline?: number; readonly parameters?: Contract };

/** Number of a writer's last batch. */
export async function sequenceOf(parameters: Contract, writer: string): Promise<bigint> {
  return ((await read(parameters, "storedWriter", writer)) >> 3n) & ((1n << 40n) - 1n);
}

/** Sends a call and returns its receipt. */
export async function send(contract: Contract, name: string, ...args: unknown[]): Promise<ContractTransactionReceipt> {
  const sent = (await contract.getFunction(name)(...args)) as ContractTransactionResponse;
  const receipt = await sent.wait();
  if (receipt === null) throw new Error(`${name} was not mined`);
  return receipt;
}

/** Reads a value. */
export function read<Value = bigint>(contract: Contract, name: string, ...args: unknown[]): Promise<Value> {
  return contract.getFunction(name).staticCall(...args) as Promise<Value>;
}

/** The same contract, called by another account. */
export const as = (contract: Contract, signer: Signer): Contract => contract.connect(signer) as Contract;

/**
 * Asserts that the call is refused with this error, its arguments as `Name(1, 2)`. `errors` decodes what the contract
 * itself does not declare.
 */
export async function refuses(
  contract: Contract,
  call: readonly [name: string, ...args: unknown[]],
  expected: string | RegExp,
  errors: readonly Interface[] = [],
): Promise<void> {
  const [name, ...args] = call;
  const said = await contract
    .getFunction(name)
    .staticCall(...args)
    .then(
      () => "accepted",
      (error: { data?: unknown }) => decoded(error, [contract.interface, ...errors]),
    );
  if (typeof expected === "string") assert.equal(said, expected);
  else assert.match(said, expected);
}

function decoded(error: { data?: unknown; message?: string }, interfaces: readonly Interface[]): string {
  const data = typeof error.data === "string" ? error.data : "0x";
  for (const one of interfaces) {
    const parsed = data === "0x" ? null : one.parseError(data);
    if (parsed !== null) return `${parsed.name}(${parsed.args.map(String).join(", ")})`;
  }
  return `${error.message} ${data}`;
}
