import { network } from "hardhat";
import { HOUR_SECONDS, minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import type { Entry } from "../../../keeper/domain/contract.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import { batchArguments } from "../../../keeper/protocols/collateralParameters.ts";
import { CLASS_LIMITS } from "../../../test/support/classLimits.ts";
import { compiled } from "../../../test/support/compiled.ts";

/** How many markets a batch updates. */
export const SIZES = [1, 10, 30, 100] as const;
export type Size = (typeof SIZES)[number];
type BySize = Readonly<Record<Size, number>>;

/** Gas of whole transactions and of reads, of the contract and of the yardsticks beside it. */
type ContractGas = {
  readonly bytecodeBytes: number;
  readonly initcodeBytes: number;
  /** Of the whole deployment, the hundred markets aside. */
  readonly deployment: number;
  /** All three numbers of every market fresh: tighter, or in every second market initial and the exposure limit looser. */
  readonly tighten: BySize;
  readonly mixed: BySize;
  /** Unchanged numbers under newer data. */
  readonly heartbeat: BySize;
  /** Tighter, with three of five signatures. */
  readonly signed: BySize;
  /** Two mappings and an event for each market, without any guard. */
  readonly naive: BySize;
  /** A writer asks for more loosening than its trip. */
  readonly trip: number;
  /** A guardian closes a market. */
  readonly closing: number;
  /** Limits of a class anew, with a hundred and one markets to look at. */
  readonly setLimits: number;
  /** `nothing` calls an account without code: what the meter itself costs. */
  readonly reads: Readonly<
    Record<"id" | "pair" | "soft" | "limit" | "naive" | "nothing", { readonly cold: number; readonly warm: number }>
  >;
};

const MARKETS = 100;
const [HOT, QUORUM, GUARDIAN, LISTER] = [1, 2, 3, 5];
const FROZEN = 2;
/** Compact floats: 55 168 whole tokens, between 33 088 and 65 536. */
const [LOWEST_LIMIT, LIMIT, HIGHEST_LIMIT] = [(6 << 10) | 10, (6 << 10) | 700, 7 << 10];
/** Always the same day: budget windows and ticks depend on the hour, and zero bytes of times are cheaper than others. */
const START = new Date("2026-02-06T10:00:00Z");
const [THRESHOLD, SIGNERS] = [3, 5];

/**
 * Gas no contract with these rules can go below: the transaction, its calldata at 16 bits a market, the
 * storage slots those bits fill, and one log of them. Signatures are not in it.
 */
export function physicalLimit(markets: number): number {
  const bytes = Math.ceil((16 * markets + 40) / 8);
  const slots = Math.ceil((16 * markets + 40) / 256);
  return 21_000 + 16 * bytes + 5_000 * slots + 375 + 8 * bytes;
}

/** A fresh Hardhat network in this process, with a hundred and one markets listed, the last one for single updates. */
async function listedContract() {
  await compiled();
  const { ethers, provider } = await network.create({ network: "hardhat", override: { initialDate: START } });
  const [, governance, keeper, thief, guardian, relayer] = await ethers.getSigners();
  if (!governance || !keeper || !thief || !guardian || !relayer) throw new Error("the network has too few accounts");
  const signers = Array.from(
    { length: SIGNERS },
    (_, i) => new ethers.Wallet(`0x${(i + 1).toString(16).padStart(64, "0")}`),
  );
  signers.sort((one, other) => (one.address.toLowerCase() < other.address.toLowerCase() ? -1 : 1));
  const quorum = await ethers.deployContract("SignerQuorum", [THRESHOLD, signers.map(({ address }) => address)]);
  const accounts = [
    [keeper.address, HOT, 1_000_000, 0],
    [thief.address, HOT, 10, 20],
    [await quorum.getAddress(), QUORUM, 1_000_000, 0],
    [guardian.address, GUARDIAN, 0, 0],
    [governance.address, LISTER, 0, 0],
  ];
  const parameters = await ethers.deployContract("Parameters", [governance.address, accounts, [[0, CLASS_LIMITS]], []]);
  const naive = await ethers.deployContract("NaiveParameters", { signer: keeper });
  const token = async () => (await ethers.deployContract("MockERC20", ["Token", "T", 18])).getAddress();
  const collateral = await token();
  const lister = parameters.connect(governance);
  for (let index = 0; index <= MARKETS; index++) {
    const debt = index === 0 ? USD : await token();
    const listing = [collateral, debt, 0, 2_200, 1_800, LIMIT, LOWEST_LIMIT, HIGHEST_LIMIT];
    await (await lister.getFunction("listMarket")(listing)).wait();
  }
  const by = { governance, keeper, thief, guardian, relayer };
  return { ethers, provider, by, signers, quorum, parameters, naive, collateral };
}

type Listed = Awaited<ReturnType<typeof listedContract>>;
type Numbers = { readonly initialBps: number; readonly targetBps: number; readonly limit: number };
type Sender = "keeper" | "quorum" | "thief";

/** Sends updates of `count` markets from the one with id `from`, and says what each costs. */
function updater({ ethers, provider, by, signers, quorum, parameters }: Listed) {
  const sequences: Record<Sender, bigint> = { keeper: 0n, quorum: 0n, thief: 0n };
  const domain = { name: "Tonsor SignerQuorum", version: "1", chainId: 31_337 };
  const types = {
    Batch: [
      { name: "parameters", type: "address" },
      { name: "head", type: "uint256" },
      { name: "evidence", type: "bytes32" },
      { name: "entries", type: "bytes" },
    ],
  };
  const signed = async ([head, evidence, entries]: ReturnType<typeof batchArguments>) => {
    const message = { parameters: await parameters.getAddress(), head, evidence, entries };
    const place = { ...domain, verifyingContract: await quorum.getAddress() };
    const all = await Promise.all(signers.slice(0, THRESHOLD).map((one) => one.signTypedData(place, types, message)));
    return [message.parameters, head, evidence, entries, ethers.concat(all)] as const;
  };
  return async (sender: Sender, from: number, count: number, numbers: (index: number) => Numbers): Promise<number> => {
    const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [now + 660] });
    sequences[sender] += 1n;
    const entries = Array.from({ length: count }, (_, index): Entry => {
      const { initialBps, targetBps: maintenanceTargetBps, limit } = numbers(index);
      const values = { initialBps, maintenanceTargetBps, limit, confidence: 20, sources: 7, orTighter: false };
      return { marketId: from + index, generation: 16, asOf: timeOf(minuteOf(now + 600)), ...values };
    });
    const evidence = ethers.id(`${sequences[sender]}`) as `0x${string}`;
    const head = { sequence: sequences[sender], deadline: now + HOUR_SECONDS, modelVersion: 1 };
    const args = batchArguments({ ...head, evidence, entries });
    const sent =
      sender === "quorum"
        ? await quorum.connect(by.relayer).getFunction("publishSigned")(...(await signed(args)))
        : await parameters.connect(by[sender]).getFunction("publishBatch")(...args);
    const receipt = await sent.wait();
    const logs = sender === "thief" ? 3 : 1;
    if (receipt.logs.length !== logs) throw new Error(`a batch of the ${sender} said ${receipt.logs.length} things`);
    return Number(receipt.gasUsed);
  };
}

/** Whole transactions of every size, one kind after the other on the same markets. */
async function measureUpdates(listed: Listed) {
  const update = updater(listed);
  const { naive, by } = listed;
  const found = { tighten: {}, mixed: {}, heartbeat: {}, signed: {}, naive: {} } as Record<
    "tighten" | "mixed" | "heartbeat" | "signed" | "naive",
    Record<Size, number>
  >;
  const naiveUpdate = async (count: number, initial: number) => {
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    const values = [new Array(count).fill(initial), new Array(count).fill(initial - 300)];
    const sent = await naive.connect(by.keeper).getFunction("update")(ids, ...values);
    return Number((await sent.wait()).gasUsed);
  };
  let targetBps = 1_890;
  const all = (initialBps: number, limit: number) => () => ({ initialBps, targetBps, limit });
  await update("keeper", 1, MARKETS + 1, all(2_210, LIMIT + 1));
  await naiveUpdate(MARKETS, 2_210);
  for (const size of SIZES) {
    const from = size === 1 ? MARKETS + 1 : 1;
    targetBps += 1;
    found.tighten[size] = await update("keeper", from, size, all(2_220, LIMIT));
    targetBps += 1;
    found.mixed[size] = await update("keeper", from, size, (index) =>
      index % 2 === 0
        ? { initialBps: 2_219, targetBps, limit: LIMIT + 1 }
        : { initialBps: 2_221, targetBps, limit: LIMIT - 1 },
    );
    await update("keeper", from, size, all(2_219, LIMIT));
    found.heartbeat[size] = await update("keeper", from, size, all(2_219, LIMIT));
    // The first batch of an account fills its slot, which is dearer.
    await update("quorum", from, size, all(2_219, LIMIT));
    targetBps += 1;
    found.signed[size] = await update("quorum", from, size, all(2_220, LIMIT - 1));
    found.naive[size] = await naiveUpdate(size, 2_220 + size);
    await update("keeper", from, size, all(2_215, LIMIT));
  }
  return { ...found, trip: await update("thief", MARKETS + 1, 1, all(2_175, LIMIT)) };
}

/** Measures whole transactions and reads of the contract and of the yardsticks beside it. */
export async function measureContract(): Promise<ContractGas> {
  const listed = await listedContract();
  const { ethers, by, parameters, naive, collateral } = listed;
  const updates = await measureUpdates(listed);
  const meter = await ethers.deployContract("GasMeter");
  const address = await parameters.getAddress();
  const measured = async (target: string, data: string) => {
    const [cold, warm] = (await meter.getFunction("measure")(target, data)) as [bigint, bigint];
    return { cold: Number(cold), warm: Number(warm) };
  };
  const read = (name: string, ...rest: unknown[]) =>
    measured(address, parameters.interface.encodeFunctionData(name, rest));
  const gas = async (signer: (typeof by)["guardian"], name: string, ...rest: unknown[]) =>
    Number((await (await parameters.connect(signer).getFunction(name)(...rest)).wait())?.gasUsed ?? 0n);
  const bytes = (code: string) => (code.length - 2) / 2;
  const creation = parameters.deploymentTransaction();
  return {
    ...updates,
    bytecodeBytes: bytes(await ethers.provider.getCode(address)),
    initcodeBytes: bytes(creation?.data ?? "0x"),
    deployment: Number((await creation?.wait())?.gasUsed ?? 0n),
    reads: {
      id: await read("haircuts(uint16)", 2),
      pair: await read("haircuts(address,address)", collateral, USD),
      soft: await read("tryHaircuts(uint16)", 2),
      limit: await read("exposureLimit", 2),
      nothing: await measured(by.guardian.address, "0x"),
      naive: await measured(await naive.getAddress(), naive.interface.encodeFunctionData("haircuts", [2])),
    },
    closing: await gas(by.guardian, "setMode", 2, FROZEN),
    setLimits: await gas(by.governance, "setLimits", 0, CLASS_LIMITS),
  };
}
