import type { ContractLimits, ProfileValues } from "../../keeper/domain/contract.ts";
import type { Certificate } from "../../keeper/protocols/deployment.ts";
import { mostLoosened, mostMoved, windowsIn } from "./worstCase.ts";

const SPANS = [1, 24, 72];

type Classes = readonly { readonly id: number; readonly limits: ContractLimits }[];

/**
 * Returns the most a stolen hot key, and a stolen quorum, can do in 1, 24 and 72 hours, in basis points: the closed form
 * that `test/contracts/Damage.t.sol` finds reached, to the basis point, by adversaries who take all they are
 * given. Bounds come on top: nothing passes `minInitialBps`, and maintenance stays between its own.
 */
export function certificateOf(plan: {
  readonly classes: Classes;
  readonly profiles: readonly ProfileValues[];
  readonly markets: readonly { readonly classId: number }[];
  readonly aggregate: { readonly hotBps: number; readonly quorumBps: number };
}): Certificate {
  const { classes, profiles, markets, aggregate } = plan;
  const together = (hours: number, quorum: boolean) =>
    windowsIn(hours) * (quorum ? aggregate.quorumBps : aggregate.hotBps);
  const loosened = (hours: number, { limits }: Classes[number], quorum: boolean) => {
    const alone = quorum
      ? mostLoosened(hours, limits.quorumLooseningBudgetBpsPerDay, limits.quorumLooseningStepBps)
      : mostLoosened(hours, limits.looseningBudgetBpsPerDay, limits.maxLooseningStepBps);
    return Math.min(alone, together(hours, quorum));
  };
  const spans = (riskClass: Classes[number], quorum: boolean) => {
    const profile = profiles[riskClass.id % 4] ?? profiles[0];
    return SPANS.map((hours) => ({
      hours,
      loosenedBps: loosened(hours, riskClass, quorum),
      maintenanceUpBps: mostMoved(hours, profile?.tightenSpeedBpsPerDay ?? 0),
      maintenanceDownBps: mostMoved(hours, profile?.loosenSpeedBpsPerDay ?? 0),
    }));
  };
  const everywhere = (hours: number, quorum: boolean) => {
    const alone = markets.map(({ classId }) => classes.find(({ id }) => id === classId));
    const summed = alone.reduce((sum, each) => sum + (each === undefined ? 0 : loosened(hours, each, quorum)), 0);
    return Math.min(summed, together(hours, quorum));
  };
  return {
    classes: classes.map((each) => ({ id: each.id, hotKey: spans(each, false), quorum: spans(each, true) })),
    allMarkets: SPANS.map((hours) => ({
      hours,
      hotKeyBps: everywhere(hours, false),
      quorumBps: everywhere(hours, true),
    })),
  };
}

/** Returns the certificate as lines of text. */
export function certificateLines({ classes, allMarkets }: Certificate, nameOf: (classId: number) => string): string[] {
  const lines = ["The most a stolen key can do in 1 / 24 / 72 h, in basis points of a market:"];
  for (const { id, hotKey, quorum } of classes) {
    for (const [who, spans] of Object.entries({ "hot key": hotKey, quorum })) {
      const each = (key: "loosenedBps" | "maintenanceUpBps" | "maintenanceDownBps") =>
        spans.map((span) => span[key]).join(" / ");
      lines.push(
        `  class ${id} ${nameOf(id)}, ${who}: loosens initial ${each("loosenedBps")}; ` +
          `maintenance up ${each("maintenanceUpBps")}, down ${each("maintenanceDownBps")}`,
      );
    }
  }
  const all = (key: "hotKeyBps" | "quorumBps") => allMarkets.map((span) => span[key]).join(" / ");
  lines.push(`  all markets together: initial by the hot key ${all("hotKeyBps")}, by the quorum ${all("quorumBps")}`);
  return lines;
}
