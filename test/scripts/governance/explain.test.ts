import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Account, type ContractLimits, limitOf } from "../../../keeper/domain/contract.ts";
import type { Action } from "../../../scripts/governance/actionSchema.ts";
import { explainAction } from "../../../scripts/governance/explain.ts";
import type { Facts, MarketFacts } from "../../../scripts/governance/facts.ts";
import { CALM_LIMITS, CALM_WRITER } from "../../support/onChain.ts";

const NOW = 1_770_000_000;
const ZERO = `0x${"0".repeat(40)}`;
const HOT = CALM_WRITER.account;
const { account: _, ...writer } = CALM_WRITER;

const market = (change: Partial<MarketFacts> = {}): MarketFacts => ({
  ...{ id: 1, name: "WETH", collateral: ZERO, debt: ZERO, probe: ZERO, delisted: false, mode: "NORMAL", classId: 0 },
  ...{ initialBps: 2_200, maintenanceBps: 1_900, maintenanceTargetBps: 1_900, readInitialBps: 2_200 },
  ...{ limit: limitOf(12_000), lowestLimit: limitOf(1_200), highestLimit: limitOf(36_000) },
  ...change,
});
const facts = (change: Partial<Facts> = {}): Facts => ({
  ...{ block: 1, time: NOW, delaySeconds: 172_800, markets: [market()] },
  classes: new Map([[0, CALM_LIMITS]]),
  accounts: new Map<string, Account>([[HOT, writer]]),
  ...change,
});
const setLimits = (limits: Partial<ContractLimits>, given = facts()) =>
  explainAction({ action: "setLimits", class: 0, limits }, given);
const setManually = (change: object, given = facts()) => {
  const value = {
    market: "1",
    initialBps: 2_200,
    maintenanceTargetBps: 1_900,
    limitTokens: 12_000,
    until: 0,
    ...change,
  };
  return explainAction({ action: "setManually", values: [value] }, given);
};
const admit = (change: object, given = facts()) =>
  explainAction(
    { action: "admit", account: HOT, power: "HOT", aggregateBps: 1_000, tripBps: 2_000, ...change } as Action,
    given,
  );

/** What governance signs is read in these words: a looser one must never be called tighter. */
describe("what a proposal is said to change", () => {
  it("calls a higher limit of a class what it is, and a lower one the opposite", () => {
    const open = " for open positions";
    const senses: Record<keyof ContractLimits, string> = {
      ...{ minInitialBps: "tighter", maxInitialBps: "tighter", minGapBps: "tighter", staleInitialCapBps: "tighter" },
      ...{ minMaintenanceBps: `tighter${open}`, maxMaintenanceBps: `tighter${open}`, liquidationBonusBps: "neither" },
      ...{ tightenSpeedBpsPer30Days: `tighter${open}`, loosenSpeedBpsPer30Days: `looser${open}` },
      ...{ ttlHours: "looser", decayHours: "looser", maxAgeMinutes: "looser" },
      ...{ hotStepBps: "looser", quorumStepBps: "looser", hotBudgetBps: "looser", quorumBudgetBps: "looser" },
      ...{ hotRaiseStep: "looser", quorumRaiseStep: "looser", hotRaiseBudget: "looser", quorumRaiseBudget: "looser" },
    };
    const opposite = (sense: string) =>
      sense.replace(/^(tighter|looser)/, (one) => (one === "looser" ? "tighter" : "looser"));
    for (const [key, sense] of Object.entries(senses)) {
      const now = CALM_LIMITS[key as keyof ContractLimits];
      for (const [to, said] of [
        [now + 1, sense],
        [now - 1, opposite(sense)],
      ] as const) {
        const [line = ""] = setLimits({ [key]: to });
        assert.ok(line.startsWith("class 0, ") && line.includes(`(${key}): ${now} -> ${to} `), line);
        assert.equal(line.split(", ").at(-1), said, line);
      }
    }
    const stolen = setLimits({ hotBudgetBps: 25, quorumBudgetBps: 75 }).filter((line) => line.includes("stolen"));
    assert.deepEqual(stolen, ["  the most a stolen hot key loosens of a market in 24 h: 200 -> 100 bp"]);
    assert.deepEqual(setLimits({ minGapBps: CALM_LIMITS.minGapBps }), ["class 0: nothing changes"]);
  });

  it("says what new bounds ask of each listed market of the class, and of none beside them", () => {
    const given = facts({ markets: [market(), market({ id: 2, delisted: true }), market({ id: 3, classId: 1 })] });
    const affected = (limits: Partial<ContractLimits>) => {
      const lines = setLimits(limits, given);
      return lines.slice(lines.indexOf("  no value moves in this transaction; affected:") + 1);
    };
    const at = "    WETH (1), initial 2200, maintenance target 1900: ";
    assert.deepEqual(affected({ minInitialBps: 2_200, maxMaintenanceBps: 1_900 }), [`${at}inside the new bounds`]);
    assert.deepEqual(affected({ maxInitialBps: 2_200, minMaintenanceBps: 1_900 }), [`${at}inside the new bounds`]);
    assert.deepEqual(affected({ minInitialBps: 2_201 }), [
      `${at}new loans: the next update must raise initial to 2201`,
    ]);
    assert.deepEqual(affected({ maxInitialBps: 2_199 }), [`${at}new loans: initial may stay, and not rise`]);
    assert.deepEqual(affected({ maxMaintenanceBps: 1_899 }), [
      `${at}open positions: the target may stay, and not rise`,
    ]);
    assert.match(
      affected({ minMaintenanceBps: 1_901 })[0] ?? "",
      /open positions: the next update must raise the target to 1901/,
    );
  });

  it("warns of less than thirty days' notice from the first basis point on, by the gap that positions were opened with", () => {
    const notice = (limits: Partial<ContractLimits>) =>
      setLimits(limits)
        .filter((line) => /30 DAYS|days after its opening/.test(line))
        .join();
    const gap = CALM_LIMITS.minGapBps;
    assert.equal(notice({ tightenSpeedBpsPer30Days: gap, minGapBps: gap + 100 }), "");
    assert.match(notice({ tightenSpeedBpsPer30Days: gap + 1, minGapBps: gap + 100 }), /liquidatable 29 days after/);
    assert.match(notice({ tightenSpeedBpsPer30Days: 2 * gap, minGapBps: 2 * gap }), /liquidatable 15 days after/);
  });

  it("calls values set by hand tighter or looser, each side and the limit, and says when open positions get there", () => {
    assert.deepEqual(setManually({ initialBps: 2_199, maintenanceTargetBps: 2_000, limitTokens: 12_100 }), [
      "WETH (1), initial haircut: 2200 -> 2199 bp, looser",
      "WETH (1), maintenance target: 1900 -> 2000 bp, tighter for open positions",
      "WETH (1), exposure limit: 12000 -> 12096 tokens, looser",
      `  new loans: in the same block; open positions: maintenance is at 1900 and gets there in ${days(100, "tightenSpeedBpsPer30Days")} days`,
      "  any writer may change it at once",
    ]);
    const [initial, target, limit, reach, held] = setManually({
      ...{ initialBps: 2_201, maintenanceTargetBps: 1_800, limitTokens: 11_000, until: NOW },
    });
    assert.match(
      [initial, target, limit].join(),
      /2201 bp, tighter,.* 1800 bp, looser for open positions,.* tokens, tighter$/,
    );
    assert.ok(reach?.endsWith(`in ${days(100, "loosenSpeedBpsPer30Days")} days`), reach);
    assert.equal(held, "  until 2026-02-02T02:40Z writers can only tighten it");
    assert.match(setManually({})[3] ?? "", /gets there in no time$/);
    const still = facts({ classes: new Map([[0, { ...CALM_LIMITS, loosenSpeedBpsPer30Days: 0 }]]) });
    assert.match(setManually({ maintenanceTargetBps: 1_800 }, still)[3] ?? "", /gets there never$/);
  });

  it("says of a writer what it may loosen from now on, and what of its past an admission ends", () => {
    const hot = "sends updates within the hot key's limits";
    assert.deepEqual(admit({ aggregateBps: 1_001, tripBps: 1_999 }), [
      `${HOT}: HOT -> HOT: ${hot}`,
      "  it loosens in 8 h, summed over markets: 1000 -> 1001 bp, looser",
      "  asked for in 8 h, past which it only tightens (0: never): 2000 -> 1999 bp, tighter",
    ]);
    const of = (change: Partial<Account>) => facts({ accounts: new Map([[HOT, { ...writer, ...change }]]) });
    assert.match(admit({}, of({ power: "NONE" })).join("\n"), /NONE -> HOT: .*none -> 1000 bp, new/s);
    assert.equal(admit({ aggregateBps: 0 }).at(-1), "  with a budget of 0 it cannot loosen anything");
    assert.match(admit({}, of({ tightenOnly: true })).at(-1) ?? "", /looser: it has tripped/);
    assert.match(admit({}, of({ haltedUntil: NOW + 1 })).at(-1) ?? "", /looser: a guardian has halted it/);
    assert.equal(admit({}, of({ haltedUntil: NOW })).length, 3, "over already");
    assert.deepEqual(admit({ power: "NONE" }), [`${HOT}: HOT -> NONE: may do nothing`]);
  });

  it("says what a market's move to another class and new bounds of its limit change, or that nothing does", () => {
    const other = { ...CALM_LIMITS, minGapBps: CALM_LIMITS.minGapBps - 1, ttlHours: CALM_LIMITS.ttlHours + 1 };
    const given = facts({
      classes: new Map([
        [0, CALM_LIMITS],
        [1, other],
      ]),
    });
    const change = (values: object) => explainAction({ action: "changeMarket", market: "WETH", ...values }, given);
    assert.deepEqual(change({}), ["WETH (1): nothing changes"]);
    const moved = change({ class: 1, lowestLimitTokens: 1_100, highestLimitTokens: 37_000 });
    assert.equal(moved[0], "WETH (1): class 0 -> 1; updates made before do not apply any more");
    assert.match(moved[1] ?? "", /least room between initial and maintenance: \d+ -> \d+ bp, looser$/);
    assert.match(moved[4] ?? "", /age of the data from which it is stale: \d+ -> \d+ h, looser$/);
    assert.match(moved.join("\n"), /LESS THAN 30 DAYS|lowestLimit: 1200 -> \d+ tokens, tighter/);
    assert.match(moved.join("\n"), /highestLimit: \d+ -> \d+ tokens, looser/);
  });

  it("says of the timelock's delay that a shorter one is looser", () => {
    const delay = (seconds: number) => explainAction({ action: "updateDelay", seconds }, facts());
    assert.deepEqual(delay(172_799), ["delay of the timelock: 172800 -> 172799 s, looser"]);
    assert.deepEqual(delay(172_801), ["delay of the timelock: 172800 -> 172801 s, tighter"]);
  });
});

function days(bps: number, speed: "tightenSpeedBpsPer30Days" | "loosenSpeedBpsPer30Days"): string {
  return ((bps / CALM_LIMITS[speed]) * 30).toFixed(1);
}
