import type { Contract, Signer } from "ethers";
import { encodeEntries } from "../../../keeper/protocols/words.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";

type Ethers = Awaited<ReturnType<typeof import("hardhat")["network"]["create"]>>["ethers"];

/** 55 168 whole tokens, as the contract writes a limit. */
const LIMIT = (6 << 10) | 700;
const [HOT, LISTER] = [1, 5];
/** Maintenance tightens by 200 bp in 30 days, while data is younger than six hours. */
const LIMITS = { ...CLASS_LIMITS, minInitialBps: 500, maxInitialBps: 10_000, minMaintenanceBps: 500 };

/**
 * The real parameter contract, owned by `owner`, and a setter of one market like MockHaircuts': it lists a pair that is new,
 * sends a keeper's batch for one that is not, and sets the mode where it is another.
 */
export async function contractHaircuts(ethers: Ethers, owner: Signer) {
  const [keeper, lister] = (await ethers.getSigners()).slice(-2);
  if (!keeper || !lister) throw new Error("the network has no accounts");
  const accounts = [
    { account: keeper.address, power: HOT, aggregateBps: 0, tripBps: 0 },
    { account: lister.address, power: LISTER, aggregateBps: 0, tripBps: 0 },
  ];
  const classes = [{ classId: 0, limits: LIMITS }];
  const core = await ethers.deployContract("Parameters", [await owner.getAddress(), accounts, classes, []]);
  const haircuts = core.connect(owner) as unknown as Contract;
  let sequence = 0n;

  const set = async (collateral: string, debt: string, initialBps: number, maintenanceBps: number, mode: 0 | 1 | 2) => {
    const call = async (by: Signer, name: string, ...rest: unknown[]) =>
      (await (haircuts.connect(by) as Contract).getFunction(name)(...rest)).wait();
    const ask = (name: string, ...rest: unknown[]) => haircuts.getFunction(name).staticCall(...rest);
    const known = Number(await ask("marketOf", collateral, debt));
    if (known === 0) {
      const limits = { limit: LIMIT, lowestLimit: 1, highestLimit: LIMIT };
      await call(lister, "listMarket", { collateral, debt, classId: 0, initialBps, maintenanceBps, ...limits });
    } else {
      const asOf = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
      const values = { initialBps, maintenanceTargetBps: maintenanceBps, limit: LIMIT, confidence: 31, sources: 7 };
      const entries = encodeEntries([{ marketId: known, generation: 16, asOf, ...values, orTighter: false }]);
      sequence += 1n;
      const head = sequence | (BigInt(asOf + 600) << 64n);
      await call(keeper, "publishBatch", head, ethers.id("evidence"), entries);
    }
    const marketId = await ask("marketOf", collateral, debt);
    if ((await ask("haircuts(uint16)", marketId)).mode !== BigInt(mode)) await call(owner, "setMode", marketId, mode);
  };
  return { haircuts, set };
}
