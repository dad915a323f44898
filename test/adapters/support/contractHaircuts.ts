import type { Contract, Signer } from "ethers";
import { LANES, NO_SEQUENCER } from "../../../keeper/domain/contract.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { parametersContract } from "../../../scripts/bench/gas/parametersContract.ts";

type Ethers = Awaited<ReturnType<typeof import("hardhat")["network"]["create"]>>["ethers"];

const FOLDER = "contracts/libraries";
const HOUR = 3_600;
const LIMITS = {
  minInitialBps: 500,
  maxInitialBps: 10_000,
  minMaintenanceBps: 500,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 200,
  quorumLooseningStepBps: 200,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: HOUR,
  probed: false,
};
/** Maintenance tightens by 150 bp a day, while data is younger than six hours. */
const PROFILE = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: 6 * HOUR,
  decaySeconds: 24 * HOUR,
  staleInitialCapBps: 10_000,
};

/**
 * The real parameter contract, with one account for all its roles, and a setter of one market like MockHaircuts': it
 * lists a pair that is new, sends a keeper's batch for one that is not, and sets the mode where it is another.
 */
export async function contractHaircuts(ethers: Ethers, owner: Signer) {
  const address = await owner.getAddress();
  const own = async (name: string) => (await ethers.deployContract(name)).getAddress();
  const LimitsCheck = await own(`${FOLDER}/LimitsCheck.sol:LimitsCheck`);
  const libraries = { LimitsCheck, Reasons: await own(`${FOLDER}/Reasons.sol:Reasons`) };
  const args = [
    address,
    address,
    ethers.ZeroAddress,
    address,
    [PROFILE],
    NO_SEQUENCER,
    [{ classId: 0, limits: LIMITS }],
    [],
  ];
  const core = await ethers.deployContract("CollateralParameters", args, { libraries });
  const haircuts = await parametersContract(await core.getAddress(), owner);
  await (await haircuts.getFunction("grantRole")(ethers.id("LISTER_ROLE"), address)).wait();

  const set = async (collateral: string, debt: string, initialBps: number, maintenanceBps: number, mode: 0 | 1 | 2) => {
    const call = async (name: string, ...rest: unknown[]) => (await haircuts.getFunction(name)(...rest)).wait();
    const ask = (name: string, ...rest: unknown[]) => haircuts.getFunction(name).staticCall(...rest);
    if ((await ask("marketOf", collateral, debt)) === 0n) {
      const group = await ask("groupCount");
      await call("listMarket", { collateral, debt, classId: 0, group, initialBps, maintenanceBps });
    } else {
      const group = Math.floor((Number(await ask("marketOf", collateral, debt)) - 1) / LANES);
      const asOf = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
      const lane = { initialBps, maintenanceTargetBps: maintenanceBps, confidence: 31, sources: 7 };
      const entries = encodeEntries([{ group, asOf, lanes: [lane, null, null, null, null], withQuality: false }]);
      const { sequence, generation } = await ask("door");
      const head = { sequence: sequence + 1n, deadline: asOf + 600, generation, modelVersion: 1 };
      await call("update", { ...head, evidence: ethers.id("evidence"), entries });
    }
    const marketId = await ask("marketOf", collateral, debt);
    if ((await ask("haircuts(uint16)", marketId)).mode !== BigInt(mode)) await call("setMode", marketId, mode);
  };
  return { haircuts: haircuts as Contract, set };
}
