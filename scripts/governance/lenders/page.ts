import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { certificateLines } from "../../deploy/certificate.ts";
import { type Effect, madeLiquidatable } from "./effect.ts";
import type { LenderFacts } from "./facts.ts";
import type { Act, Step } from "./forms.ts";

/** A proposal to a lender with everything that its page says. */
export type LenderProposal = {
  readonly title: string;
  readonly lender: LenderFacts;
  readonly acts: readonly Act[];
  readonly steps: readonly Step[];
  readonly undo: readonly Act[];
  readonly undoSteps: readonly Step[];
  readonly effect: Effect;
};

/** Borrowers in the table: those who are nearest to the edge afterwards. */
const NEAREST = 20;

/** Returns the page for a forum, in Markdown: what changes, for whom, from when, the worst case, and how to undo it. */
export function lenderPage(proposal: LenderProposal, deployment: Deployment): string {
  const { title, lender, effect } = proposal;
  const lines = [
    `# ${title}`,
    "",
    `Chain ${deployment.chainId}, pool \`${lender.pool}\`. Parameter contract \`${deployment.contract.address}\`, agent \`${lender.agent}\`.`,
    "",
    "For each collateral the parameter contract holds an initial haircut, a maintenance haircut and an exposure limit, which a keeper computes from volatility and market depth and the contract bounds. The agent, a contract without an owner or a setter, brings LTV, liquidation threshold and supply cap of a reserve to them.",
    "",
    `Every number here is of block ${lender.block} (${new Date(lender.time * 1_000).toISOString().slice(0, 16)} UTC), played there with the pool's own code. **What will be set is what the parameter contract says on the day:** write this page again before the vote and before it is executed.`,
    ...lender.doubts.map((doubt) => `\n**Not what the record says:** ${doubt}. Do not send this.`),
    "",
    ...whatChanges(proposal),
    ...forWhom(effect),
    ...fromWhen(lender),
    ...worstCase(lender, deployment),
    ...whatToSend(proposal),
    ...howToUndo(proposal),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function whatChanges({ acts, lender: { stepBps, stepSeconds }, effect }: LenderProposal): string[] {
  return [
    "## What changes",
    "",
    ...(acts.length === 0 ? ["- nothing to do: the agent has its role"] : acts.map(({ says }) => `- ${says}`)),
    "",
    "From then on anyone, as a rule the keeper, may call the agent. It sets of each reserve the LTV to 1 - initial haircut, moves the liquidation threshold a step towards 1 - maintenance haircut, and sets the supply cap to the exposure limit. It leaves liquidation bonus, borrow cap, e-modes and everything else.",
    "",
    "| reserve | LTV: now, first call, at the end | liquidation threshold: the same | supply cap, tokens: now, first call | the threshold arrives after |",
    "|---|---|---|---|---|",
    ...effect.markets.map(({ name, now, first, end }) => {
      const steps = Math.ceil(Math.abs(end.thresholdBps - now.thresholdBps) / stepBps);
      const walk = `${steps} steps, ${days(steps * stepSeconds)} days`;
      const [ltv, threshold] = [
        [now.ltvBps, first.ltvBps, end.ltvBps],
        [now.thresholdBps, first.thresholdBps, end.thresholdBps],
      ].map((each) => each.map(percent).join(", "));
      return `| ${name} | ${ltv} | ${threshold} | ${now.supplyCap || "none"}, ${first.supplyCap || "none"} | ${walk} |`;
    }),
    ...effect.markets.flatMap(({ name, isFresh }) =>
      isFresh
        ? []
        : [`\n${name}: its data are old now; until the keeper's next update LTV only falls and the threshold stays.`],
    ),
    ...effect.markets.flatMap(({ name, refused }) => refused.map((why) => `\n**${name} is refused:** ${why}`)),
    ...(effect.refused === null ? [] : ["", `**Governance's calls are refused:** ${effect.refused}`]),
    "",
  ];
}

function forWhom(effect: Effect): string[] {
  const { accounts } = effect;
  const owing = accounts.filter(({ now }) => now !== Number.POSITIVE_INFINITY);
  const moved = (key: "first" | "lowest") => owing.filter((each) => Math.abs(each[key] / each.now - 1) > 1e-9).length;
  const victims = madeLiquidatable(effect);
  const nearest = owing.toSorted((a, b) => Math.min(a.first, a.lowest) - Math.min(b.first, b.lowest)).slice(0, NEAREST);
  return [
    "## For whom",
    "",
    `${owing.length} of ${accounts.length} borrowers owe something. At today's prices the health factor of ${moved("first")} changes with the first call, and of ${moved("lowest")} on the way, where every threshold is at its lowest.`,
    victims.length === 0
      ? "**Nobody becomes liquidatable.**"
      : `**${victims.length} become liquidatable: ${victims.map(({ account }) => account).join(", ")}.** Do not send this: let the market begin nearer to the threshold that the pool has.`,
    ...overtaken(effect).map(
      ({ name, now, end }) =>
        `**Whoever borrows against ${name} at today's LTV of ${percent(now.ltvBps)} until the first call becomes liquidatable: the threshold goes to ${percent(end.thresholdBps)}.** Do not send this: let the pool lower its LTV first.`,
    ),
    "",
    "| borrower | owes, USD | health factor now | first call | lowest on the way |",
    "|---|---|---|---|---|",
    ...nearest.map(
      ({ account, debtUsd, now, first, lowest }) =>
        `| \`${account}\` | ${debtUsd.toFixed(0)} | ${now.toFixed(4)} | ${first.toFixed(4)} | ${lowest.toFixed(4)} |`,
    ),
    "",
  ];
}

function fromWhen({ delaySeconds, admin, stepBps, stepSeconds }: LenderFacts): string[] {
  const role =
    delaySeconds === null
      ? `when \`${admin}\` sends it; it names no delay of its own`
      : `${days(delaySeconds)} days after it is scheduled`;
  return [
    "## From when",
    "",
    `- The role: ${role}.`,
    "- LTV and supply cap: with the first call after that, for new loans, withdrawals and deposits only.",
    `- The liquidation threshold, for open loans, too: at most ${percent(stepBps)} in ${stepSeconds / 3_600} h, and only while the data are fresh; afterwards it follows the maintenance haircut.`,
    "",
  ];
}

function worstCase({ stepBps, stepSeconds, minGapBps }: LenderFacts, { certificate, classes }: Deployment): string[] {
  return [
    "## Worst case",
    "",
    `- Whatever the parameter contract says, the agent moves a threshold at most ${percent(stepBps)} in ${stepSeconds / 3_600} h (${percent(Math.floor((stepBps * 86_400) / stepSeconds))} a day), none unless a whole step leaves it above the LTV, and sets an LTV at least ${percent(minGapBps)} below it. LTV and supply cap may fall at once.`,
    "- RISK_ADMIN itself may do more; the agent's code is what limits it. `npm run check-deployment` compares that code with its source.",
    ...certificateLines(certificate, classes).map((line) => `- ${line.trim()}`),
    "",
  ];
}

function whatToSend({ steps, lender: { admin, delaySeconds } }: LenderProposal): string[] {
  if (steps.length === 0) return [];
  const how =
    delaySeconds === null ? "" : ", a timelock: first by its proposer, then, after its delay, by its executor";
  return ["## What to send", "", `From \`${admin}\`${how}:`, "", ...calldata(steps)];
}

function howToUndo({ undo, undoSteps, effect, lender }: LenderProposal): string[] {
  const { delaySeconds, block } = lender;
  return [
    "## How to undo",
    "",
    ...undo.map(({ says }) => `- ${says}`),
    "",
    effect.undoRefused === null
      ? `Played after the walk on block ${block}, it passes and leaves ${undone(effect)}.`
      : `**Played after the walk it is refused:** ${effect.undoRefused}. Taking the role away alone stops the agent; the numbers are then for a pool admin.`,
    ...(delaySeconds === null
      ? []
      : [
          "",
          `It takes ${days(delaySeconds)} days, too. At once the pool's emergency admin closes a reserve to new loans, and the agent then waits.`,
        ]),
    "",
    ...calldata(undoSteps),
  ];
}

/** Reserves whose LTV of today is not below the lowest threshold: who borrows the most before the first call is overtaken. */
export function overtaken({ markets }: Effect): Effect["markets"] {
  return markets.filter(({ now, end }) => now.ltvBps >= Math.min(now.thresholdBps, end.thresholdBps));
}

function undone({ markets }: Effect): string {
  const same = markets.every(({ now, undone }) => JSON.stringify(now) === JSON.stringify(undone));
  return same ? "every reserve as it is today" : "reserves that differ from today's: look before it is sent";
}

function calldata(steps: readonly Step[]): string[] {
  return steps.flatMap(({ name, transactions }) =>
    transactions.flatMap(({ to, data }) => [`${name}, to \`${to}\`:`, "```", data, "```", ""]),
  );
}

function days(seconds: number): string {
  return (seconds / 86_400).toFixed(1);
}

/** @example percent(8_250) // "82.50 %" */
function percent(bps: number): string {
  return `${(bps / 100).toFixed(2)} %`;
}
