import { type Hex, padHex, stringToHex } from "viem";
import { USD } from "../../keeper/markets/limits.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import { deployAaveV4, ROLES } from "../support/aaveV4World.ts";
import { type ContractChange, contractHands, laidOn } from "./syncWorld.ts";

const HOUR = 3_600;

/** Steps of older configurations, as contracts/adapters/README.md has them. */
const AGENT_V4 = { maxStepBps: 25, stepSeconds: 4 * HOUR, leastRiseBps: 20, maxAgeSeconds: 6 * HOUR };

/** The contract, and the model of an Aave v4 spoke that lends 81 % against WETH, with our agent in its roles. */
export async function lenderWorldV4(change: ContractChange = {}) {
  return await laidOn(change, async ({ node, from, admin, tokens, parameters, create, recordOf }) => {
    const aave = await deployAaveV4(node, from, admin, { asset: tokens.WETH, decimals: 18, factorBps: 8_100 });
    const { spoke, hub, spokeConfigurator, hubConfigurator } = aave;
    const places = [spoke, hub, spokeConfigurator, hubConfigurator];
    const agent = await create("contracts/adapters/AaveV4Agent", [parameters, places, USD, AGENT_V4]);
    for (const role of Object.values(ROLES)) await aave.manage("grantRole", role, agent, 0);
    const lender = { kind: "aave-v4", name: "Aave v4", spoke, hub, markets: [1], agent: { address: agent } };
    return { aave, agent, record: recordOf(lender) };
  });
}

export type LenderWorldV4 = Awaited<ReturnType<typeof lenderWorldV4>>;

/** The contract's hands, Aave v4's admins, and positions in the model of its spoke. */
export function handsV4(world: LenderWorldV4) {
  const { node, from, admin, aave } = world;
  const { spoke, hub, abi } = aave;
  const [RESERVE, ASSET] = [7n, 3n];
  const model = (name: string, ...args: readonly unknown[]) => write(node, from, aave.model, abi, name, args);
  const ask = async <Answer>(address: Hex, functionName: string, ...args: readonly unknown[]) =>
    (await node.readContract({ address, abi, functionName, args })) as Answer;
  const set = (to: Hex, name: string, ...args: readonly unknown[]) => write(node, admin, to, abi, name, args);
  return {
    ...contractHands(world),
    newest: async () => (await ask<{ dynamicConfigKey: number }>(spoke, "getReserve", RESERVE)).dynamicConfigKey,
    factorOf: async (key: number) =>
      (await ask<{ collateralFactor: number }>(spoke, "getDynamicReserveConfig", RESERVE, key)).collateralFactor,
    /** Whole tokens; null: none. */
    cap: async () => {
      const { addCap } = await ask<{ addCap: number }>(hub, "getSpokeConfig", ASSET, spoke);
      return addCap === 2 ** 40 - 1 ? null : addCap;
    },
    /** What Aave's own governance does. */
    configure: {
      add: (factor: number) => set(aave.spokeConfigurator, "addCollateralFactor", spoke, RESERVE, factor),
      cap: (cap: number) => set(aave.hubConfigurator, "updateSpokeAddCap", hub, ASSET, spoke, cap),
    },
    flags: (paused: boolean, frozen: boolean) => model("setFlags", paused, frozen),
    added: (whole: number) => model("setAdded", BigInt(whole) * 10n ** 18n),
    position(name: string) {
      const user = padHex(stringToHex(name), { size: 20 });
      return {
        supply: (amount: number) => model("supply", user, amount),
        borrow: (amount: number) => model("borrow", user, amount),
        isLiquidatable: () => ask<boolean>(aave.model, "isLiquidatable", user),
      };
    },
  };
}
