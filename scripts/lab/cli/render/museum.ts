import type { Museum } from "../../museum/museum.ts";
import { METRICS } from "../../museum/score.ts";

/** The museum in short: where static wins, then bad debt, wrongful liquidations and LTV of both sides. */
export function renderMuseum({ incidents, missing, files }: Museum): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const lost = incidents.map(({ name, comparisons }) => {
    const better = comparisons.filter((one) => one.better === "static").map(({ metric }) => METRICS[metric].what);
    return `${name.padEnd(18)}${better.length === 0 ? "nothing" : better.join(", ")}`;
  });
  const rows = incidents.flatMap(({ name, inputs, outcomes }) =>
    (["static", "onChain"] as const).map((side) => {
      const one = outcomes[side];
      const of = (value: number) => percent(one.meanDebtUsd === 0 ? 0 : value / one.meanDebtUsd).padStart(11);
      const wrongful = of(one.wrongfulByPrintUsd + one.wrongfulByRuleUsd);
      const label = side === "static" ? `${name.padEnd(18)}${inputs.padEnd(14)}` : " ".repeat(32);
      return `${label}${side.padEnd(8)}${wrongful}${of(one.badDebtUsd)}${percent(one.meanLtv).padStart(11)}${String(one.falseTrips).padStart(6)}${one.hoursClosed.toFixed(0).padStart(8)}`;
    }),
  );
  const head = `${" ".repeat(40)}${"wrongful".padStart(11)}${"bad debt".padStart(11)}${"mean LTV".padStart(11)}${"false".padStart(6)}${"closed".padStart(8)}`;
  return [
    "Where static wins:",
    ...lost,
    "",
    "Shares of each side's mean debt; false trips; hours without new loans",
    ...[head, ...rows, ""],
    ...missing.map(({ name, why }) => `not played: ${name}: ${why}`),
    ...files.filter((file) => !file.includes("museum-")),
  ].join("\n");
}
