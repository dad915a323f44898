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
export function lenderPage(proposal: LenderProposal, { certificate, classes, chainId, contract }: Deployment): string {
  const { title, lender, acts, steps, undo, undoSteps, effect } = proposal;
  const { agent, pool, admin, delaySeconds, stepBps, stepSeconds } = lender;
  const hours = stepSeconds / 3_600;
  const delay = delaySeconds === null ? "at once" : `${days(delaySeconds)} days after it is scheduled`;
  const lines = [
    `# ${title}`,
    "",
    `Chain ${chainId}, pool \`${pool}\`, asked at block ${lender.block}. Parameter contract \`${contract.address}\`, agent \`${agent}\`.`,
    "",
    "## What changes",
    "",
    ...(acts.length === 0 ? ["- nothing to do: the agent has its role"] : acts.map(({ says }) => `- ${says}`)),
    "",
    `Then anyone, as a rule the keeper, lets the agent set of each reserve the LTV (1 - initial haircut), a step of the liquidation threshold (towards 1 - maintenance haircut), and the supply cap (the exposure limit). The liquidation bonus, borrow cap, e-modes and all else stay.`,
    "",
    "| reserve | LTV, bp: now, at once, at the end | threshold, bp | supply cap, tokens: now, at once | the walk takes |",
    "|---|---|---|---|---|",
    ...effect.markets.map(({ name, now, first, end }) => {
      const steps = Math.ceil(Math.abs(end.thresholdBps - now.thresholdBps) / stepBps);
      const walk = `${steps} steps, ${days(steps * stepSeconds)} days`;
      const [ltv, threshold] = [
        [now.ltvBps, first.ltvBps, end.ltvBps],
        [now.thresholdBps, first.thresholdBps, end.thresholdBps],
      ].map((each) => each.join(", "));
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
    ...forWhom(effect),
    "## From when",
    "",
    `- The role: ${delay}. LTV and supply cap: with the first synchronisation after that, for new loans, withdrawals and deposits only.`,
    `- The threshold: at most ${stepBps} bp in ${hours} h, and only while the data are fresh; afterwards it follows the maintenance haircut.`,
    "",
    "## Worst case",
    "",
    `- The agent moves a threshold at most ${stepBps} bp in ${hours} h (${Math.floor((stepBps * 86_400) / stepSeconds)} bp a day), never to within ${stepBps} bp of the LTV of open loans, and sets LTV and supply cap at once. It has no owner and no setter. RISK_ADMIN itself could do more; the agent's code is what limits it.`,
    ...certificateLines(certificate, classes).map((line) => `- ${line.trim()}`),
    "",
    "## What to send",
    "",
    `From \`${admin}\`${delaySeconds === null ? "" : ", a timelock: first by its proposer, then by its executor"}:`,
    "",
    ...calldata(steps),
    "## How to undo",
    "",
    ...undo.map(({ says }) => `- ${says}`),
    "",
    effect.undoRefused === null
      ? `Played after the walk on block ${lender.block}, it passes and leaves ${undone(effect)}.`
      : `**Played after the walk it is refused:** ${effect.undoRefused}. Taking the role away alone stops the agent; the numbers are then for a pool admin.`,
    "",
    ...calldata(undoSteps),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function forWhom(effect: Effect): string[] {
  const { accounts } = effect;
  const owing = accounts.filter(({ now }) => now !== Number.POSITIVE_INFINITY);
  const moved = (key: "first" | "end") => owing.filter((each) => Math.abs(each[key] / each.now - 1) > 1e-9).length;
  const victims = madeLiquidatable(effect);
  const nearest = owing.toSorted((a, b) => Math.min(a.first, a.end) - Math.min(b.first, b.end)).slice(0, NEAREST);
  return [
    "## For whom",
    "",
    `${owing.length} of ${accounts.length} borrowers owe something. At today's prices the health factor of ${moved("first")} changes at once, and of ${moved("end")} by the end of the walk.`,
    victims.length === 0
      ? "**Nobody becomes liquidatable.**"
      : `**${victims.length} become liquidatable: ${victims.map(({ account }) => account).join(", ")}.** Do not send this: let the market begin nearer to the threshold that the pool has.`,
    "",
    "| borrower | owes, USD | health factor now | at once | at the end |",
    "|---|---|---|---|---|",
    ...nearest.map(
      ({ account, debtUsd, now, first, end }) =>
        `| \`${account}\` | ${debtUsd.toFixed(0)} | ${now.toFixed(4)} | ${first.toFixed(4)} | ${end.toFixed(4)} |`,
    ),
    "",
  ];
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
