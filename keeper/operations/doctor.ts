import { sourceHealth } from "../dashboard/sourceHealth.ts";
import { isoTime } from "../domain/calendar.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { type ErrorCode, TonsorError } from "../domain/errors.ts";
import type { FaultCode } from "../domain/fault.ts";
import type { PriceHistory } from "../domain/observation.ts";
import { parseSourceName } from "../domain/sourceNames.ts";
import { followHeads } from "../io/heads.ts";
import type { Keeper } from "../keeper.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { betweenJumps } from "./betweenJumps.ts";
import { type Check, configChecks, fail, ok, warn } from "./configChecks.ts";
import type { Context } from "./context.ts";
import { cosignChecks } from "./cosignChecks.ts";
import { mirrorChecks } from "./evidenceMirror.ts";
import { batchesUnknown, evidenceCheck } from "./evidenceState.ts";
import {
  chainCheck,
  contractCheck,
  folderCheck,
  lenderChecks,
  nodeChecks,
  operationsChecks,
  redisChecks,
} from "./operationsChecks.ts";
import { LOW_BALANCE_ETH } from "./readiness.ts";
import { type SignerState, signerState } from "./signerState.ts";

/** Every check of the keeper's surroundings, in the order in which one would mend them; stops where the next makes no sense. */
export async function doctorChecks(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = [...(await configChecks(context))];
  if (checks.some((check) => check.state === "fail")) return checks;
  const config = await context.config();
  checks.push(await folderCheck(config), ...operationsChecks(config, process.cwd(), wallClock()));
  checks.push(...(await redisChecks(config.redisUrl)));
  const keeper = await attempt(() => context.keeper());
  if ("check" in keeper) return [...checks, keeper.check];
  const chain = await attempt(() => keeper.value.readChain());
  if ("check" in chain) return [...checks, chain.check];
  const { blockNumber, blockTime } = chain.value;
  const age = keeper.value.now() - blockTime;
  checks.push(
    chainCheck(`chain ${keeper.value.chainId}, block ${blockNumber}, ${age} s old`, age),
    contractCheck(keeper.value.contract, chain.value),
    ...nodeChecks(keeper.value.nodes()),
    ...(await headChecks(config.rpcWsUrl)),
    ...(await signerChecks(keeper.value)),
    ...(await cosignChecks(keeper.value)),
    journalCheck(keeper.value, chain.value.writer.sequence),
    await evidenceCheck(keeper.value),
    ...(await mirrorChecks(config.mirror, keeper.value)),
    ...(await cycleChecks(keeper.value, config)),
  );
  return checks;
}

type Attempt<T> = { readonly value: T } | { readonly check: Check };

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const name = UNHEALTHY[error.code] ?? "contract";
    const cure = error.code === "RPC_FAILED" ? "Start the node, or correct RPC_URL." : error.advice;
    return { check: fail(name, error.message, cure) };
  }
}

/** Which check an error of opening or reading fails. */
const UNHEALTHY: { readonly [code in ErrorCode]?: string } = {
  RPC_FAILED: "chain",
  WRONG_CHAIN: "chain",
  NO_QUORUM: "chain",
  JOURNAL_BROKEN: "journal",
  DISK_FULL: "journal",
  JOURNAL_BUSY: "journal",
  STATE_FAILED: "journal",
  BAD_CONFIG: "configuration",
  KEYSTORE_REFUSED: "keystore",
};

const HEADS_MS = 5_000;

/** Whether the node that is to announce blocks takes the subscription; one that has no block to announce is well, too. */
async function headChecks(url: string | null): Promise<readonly Check[]> {
  if (url === null) return [];
  const answer = Promise.withResolvers<string | null>();
  const close = followHeads(url, {
    onSubscribed: () => answer.resolve(null),
    onHead: () => undefined,
    onProblem: ({ message }) => answer.resolve(message),
  });
  const timer = setTimeout(() => answer.resolve(`no answer in ${HEADS_MS / 1_000} s`), HEADS_MS);
  const problem = await answer.promise;
  clearTimeout(timer);
  close();
  if (problem === null) return [ok("announcements", "the node of RPC_WS_URL announces its blocks")];
  return [warn("announcements", problem, "Correct RPC_WS_URL; until then cycles follow TICK_SECONDS alone.")];
}

async function signerChecks(keeper: Keeper): Promise<readonly Check[]> {
  const address = keeper.signer;
  const state = address === null ? null : await signerState(keeper, address);
  const check = signerCheck(keeper, address, state);
  return state?.guards ? [check, guardianCheck(address ?? "")] : [check];
}

/** Who takes the keeper's machine must not have both: what moves the numbers, and what stops whoever does. */
function guardianCheck(address: string): Check {
  const cure =
    "Governance admits a key of another machine as guardian, for `tonsor freeze`, and takes the power off this one.";
  return warn("guardian", `${address}, the keeper's key, is a guardian`, cure);
}

function signerCheck(keeper: Keeper, address: string | null, state: SignerState | null): Check {
  const name = "signer";
  if (address === null || state === null) {
    const cure =
      "Set KEYSTORE_FILE or REMOTE_SIGNER_URL, or KEEPER_PRIVATE_KEY on a development chain, to send; reading and explaining work without.";
    return warn(name, "no key: nothing can be sent", cure);
  }
  const { allowed, powers, balanceEth } = state;
  const ether = `${balanceEth.toFixed(4)} ETH`;
  if (!allowed) {
    const wanted = keeper.cosigning?.route
      ? "the gateway, or deploys one with this signer"
      : "the address as a hot key";
    const cure = `Governance admits ${wanted}, or the key is that of another deployment.`;
    return fail(name, `${address} ${powers}`, cure);
  }
  if (balanceEth >= LOW_BALANCE_ETH) return ok(name, `${address}, ${ether}`);
  return warn(name, `${address} has only ${ether}`, `Send ether to ${address}.`);
}

/** `sequence`: the key's last number on chain; of a gateway the numbers are those of several instances, and tell nothing. */
function journalCheck(keeper: Keeper, sequence: number): Check {
  try {
    keeper.store.integrity();
    const open = keeper.store.openIntents().length;
    const found = `intact, ${open} transactions in flight`;
    const unknown = keeper.cosigning?.route ? 0 : batchesUnknown(keeper, sequence);
    if (unknown === 0) return ok("journal", found);
    const cure =
      "Was a backup brought back? Stop the keeper, run `tonsor rebuild`, and bring back their evidence as well.";
    return warn("journal", `${found}; ${unknown} of the key's last batches on chain are not in it`, cure);
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    return fail("journal", error.message, error.advice);
  }
}

const NO_ANSWER: readonly string[] = ["UNREACHABLE", "HTTP_STATUS", "VENUE_ERROR"] satisfies FaultCode[];

/** Reads once everything the markets name, refused is a failure, faults on the way are shown beside the age; and rehearses. */
async function cycleChecks(keeper: Keeper, config: Config): Promise<readonly Check[]> {
  const signal = AbortSignal.timeout(60_000);
  const report = await betweenJumps(keeper, config, signal, () => keeper.cycle({ dryRun: true, signal }));
  const checks = new Map<string, Check>();
  for (const { assessment } of report.entries) {
    for (const health of sourceHealth(assessment)) {
      const said = health.faults.map((one) => `${one.code}: ${one.detail}`).join("; ");
      const where = isOnChain(health.source) ? "RPC_URL and the deployment's addresses" : "VENUE_URLS";
      const refused = `Check ${where}, the clock and the network; until then the source ladder takes over and nothing loosens.`;
      const age = `${Math.round(health.ageSeconds ?? 0)} s old`;
      // What is there when the venue did not answer is what was kept.
      const silent = health.faults.some(({ code }) => NO_ANSWER.includes(code));
      if (health.state === "down" || silent) {
        const found = health.state === "down" ? said : `${said}; what was kept is ${age}`;
        checks.set(health.source, fail(health.source, found, refused));
      } else {
        const found = `${age}${said === "" ? "" : `; ${said}`}`;
        checks.set(health.source, ok(health.source, found));
      }
    }
    const { history } = assessment.readings;
    if (history !== null) checks.set(`${history.source} before`, pastCheck(history));
  }
  return [
    ...wiringChecks(keeper),
    ...checks.values(),
    ...lenderChecks(report.lenders ?? []),
    ...(await rehearsalChecks(keeper, report, signal)),
  ];
}

/** Whether the next tightening could be sent: the key signs, the contract takes it, ether and fees suffice. */
async function rehearsalChecks(keeper: Keeper, report: CycleReport, signal: AbortSignal): Promise<readonly Check[]> {
  if (keeper.signer === null) return [];
  const name = "next tightening";
  const obstacles = await keeper.rehearse(report, signal);
  if (obstacles.length === 0) return [ok(name, "signed and rehearsed, not sent")];
  return obstacles.map(({ cause, detail }) => {
    const alert = cause === "nonce" ? "tonsornonceunclear" : "tonsorcannottighten";
    const cure = `See deployments/service/RUNBOOK.md#${alert}.`;
    return fail(name, `${cause}: ${detail}`, cure);
  });
}

/** Whether what lies before a history's candles is known; until it is, the long run is that of the candles and the typical year. */
function pastCheck({ source, candles, before }: PriceHistory): Check {
  const name = source.replace(/:history$/, ":past");
  if (before === undefined) {
    const found = `not read yet: the long run begins ${isoTime(candles[0]?.[0] ?? 0).slice(0, 10)}`;
    const cure =
      "Let the keeper run: it reads sixty days of them in a cycle, from 2017 on, once; VENUE_URLS must give them.";
    return warn(name, found, cure);
  }
  const days = Math.max(...before.days.map(([known]) => known));
  return ok(name, `${days} days, until ${isoTime(before.until).slice(0, 10)}`);
}

function isOnChain(source: string): boolean {
  const kind = parseSourceName(source)?.kind;
  return kind === "pool" || kind === "memory" || kind === "feed" || kind === "rate";
}

/** Sources that are not what the record says; none while all are. */
function wiringChecks(keeper: Keeper): readonly Check[] {
  const cure = "Correct the record, then `npm run check-deployment`; until then the keeper refuses to start.";
  return keeper.wiringProblems().map(({ path, given, expected }) => {
    return fail("wiring", `${path}: given ${given}, expected ${expected}`, cure);
  });
}
