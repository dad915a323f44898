import { Interface, type JsonRpcProvider } from "ethers";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { LenderReading } from "../../../keeper/domain/lender.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { AAVE_V4_ABI, type Power, powersOf, readLendersAt } from "../../deploy/aaveV4.ts";
import { adapterArtifact } from "../../deploy/artifacts.ts";
import { askBy, builtWith, logsSince } from "../../deploy/built.ts";
import { checkAgentV4 } from "../../deploy/checkAaveV4.ts";
import { checkCodeOf } from "../../deploy/checkCode.ts";
import type { Governed } from "../present.ts";
import { refusalIn, simulated } from "./effect.ts";
import { delayOf } from "./facts.ts";
import { type Act, type Step, stepsOf } from "./forms.ts";

type Lender = Extract<NonNullable<Deployment["lenders"]>[number], { kind: "aave-v4" }>;

/** A proposal to Aave v4's access manager with everything that its page says. */
type ProposalV4 = {
  readonly title: string;
  readonly lender: Lender;
  readonly admin: string;
  readonly block: number;
  readonly powers: readonly Power[];
  /** Of each role, how many other functions it opens. */
  readonly others: ReadonlyMap<bigint, number>;
  readonly readings: readonly LenderReading[];
  /** What the record says of the agent and the chain does not. */
  readonly doubts: readonly string[];
  /** Why Aave's own calls, the agent's first ones after them, or the undoing would fail; null: they pass. */
  readonly refused: { readonly acts: string | null; readonly first: string | null; readonly undo: string | null };
  readonly acts: readonly Act[];
  readonly steps: readonly Step[];
  readonly undo: readonly Act[];
  readonly undoSteps: readonly Step[];
};

const ADMIN_ROLE = 0n;
const PUBLIC_ROLE = (1n << 64n) - 1n;
/** The agent's, with what the access manager refuses. */
const agentAbi = () => {
  const refusals = AAVE_V4_ABI.fragments.filter(({ type }) => type === "error");
  return new Interface([...adapterArtifact("AaveV4Agent").abi, ...refusals]);
};

/**
 * Writes it, and plays it on the latest block.
 *
 * @throws TonsorError BAD_ARGUMENT for an admin that may not give the roles; BAD_CONFIG where a function has no role of its own
 */
export async function proposalV4(
  { provider, deployment, facts }: Governed,
  lender: Lender,
  admin: string | undefined,
  salt: string | undefined,
): Promise<ProposalV4> {
  const { name, agent } = lender;
  const built = builtWith(agentAbi(), agent.constructorArguments);
  const powers = await powersOf(askBy(provider), agent.address, built);
  const bare = powers.find(({ role }) => role === ADMIN_ROLE);
  if (bare !== undefined) {
    const expected = "a role, by the access manager's setTargetFunctionRole: else only its admin may call it";
    throw new TonsorError("BAD_CONFIG", `a function at ${name} has no role`, { field: bare.name, given: 0, expected });
  }
  const roles = [...new Map(powers.map((power) => [`${power.manager} ${power.role}`, power])).values()];
  const given = roles.filter(({ role }) => role !== PUBLIC_ROLE);
  const by = await adminOf(provider, lender, given, admin);
  const act = (method: "grantRole" | "revokeRole", says: string) => (power: Power) => {
    const args = [power.role, agent.address, ...(method === "grantRole" ? [0] : [])];
    const data = AAVE_V4_ABI.encodeFunctionData(method, args);
    return { to: power.manager, data, says: `AccessManager.${method}(${args.join(", ")}): ${says}` };
  };
  const missing = given.filter((one) => powers.some((power) => power.role === one.role && !power.stands));
  const waits = await Promise.all(missing.map((power) => grantDelayOf(provider, power)));
  const acts = missing.flatMap((power, n) => {
    const from = waits[n] === 0 ? "" : `, from ${waits[n]} s after this on`;
    const grant = act("grantRole", `the agent may call what the role opens, without a delay${from}`)(power);
    const first = `it has the role with a delay of ${power.delaySeconds} s, which would end only after so long`;
    return power.delaySeconds === 0 ? [grant] : [act("revokeRole", first)(power), grant];
  });
  const undo = given.map(act("revokeRole", "the agent can set nothing there any more"));
  const readings = await readLendersAt(provider, { ...deployment, lenders: [lender] }, facts.block);
  const delaySeconds = await delayOf(provider, by, facts.block);
  const title = `Tonsor sets collateral factors and add caps of ${readings.map(({ market }) => market).join(", ")} at ${name}`;
  const forms = { admin: by, delaySeconds, time: facts.time };
  const doubts = [
    ...(await checkCodeOf(provider, { ...agent, name: `agent of ${name}`, artifact: adapterArtifact("AaveV4Agent") })),
    ...(await checkAgentV4(provider, deployment, lender)),
  ];
  return {
    ...{ title, lender, admin: by, block: facts.block, powers, readings, acts, undo },
    others: await othersOf(provider, lender, given, powers),
    doubts: doubts.flatMap(({ what, expected, found, agrees }) =>
      agrees ? [] : [`${what}: ${found}, expected ${expected}`],
    ),
    refused: await play(
      provider,
      { ...facts, waitSeconds: Math.max(0, ...waits) },
      { agent: agent.address, admin: by, readings, acts, undo },
    ),
    steps: stepsOf(title, acts, forms, deployment.chainId, salt),
    undoSteps: stepsOf(`Undo: ${title}`, undo, forms, deployment.chainId, salt),
  };
}

/** Who gives the roles: whom the words name, and who may. */
async function adminOf(
  provider: JsonRpcProvider,
  { name, fromBlock }: Lender,
  roles: readonly Power[],
  given: string | undefined,
): Promise<string> {
  const ask = askBy(provider);
  const able = async (account: string) => {
    for (const { manager, role } of roles) {
      const above = await ask(manager, AAVE_V4_ABI, "getRoleAdmin", role);
      const [isMember] = (await ask(manager, AAVE_V4_ABI, "hasRole", above, account)) as [boolean, bigint];
      if (!isMember) return false;
    }
    return true;
  };
  if (given !== undefined && (await able(given))) return given;
  const found = new Set<string>();
  const topics = [AAVE_V4_ABI.getEvent("RoleGranted")?.topicHash ?? null];
  for (const manager of new Set(roles.map((power) => power.manager))) {
    for (const log of await logsSince(provider, manager, topics, fromBlock)) {
      const account = AAVE_V4_ABI.parseLog(log)?.args["account"];
      if (await able(account)) found.add(account);
    }
  }
  const [first] = found;
  if (given === undefined && first !== undefined && found.size === 1) return first;
  const expected = `an account that may give its roles${found.size === 0 ? "" : `, as ${[...found].join(", ")}`}`;
  throw new TonsorError("BAD_ARGUMENT", `${name} lets others give its roles`, {
    field: "--admin",
    given: given ?? "nothing",
    expected,
  });
}

/** Seconds from the grant of a role to its beginning. */
async function grantDelayOf(provider: JsonRpcProvider, { manager, role }: Power): Promise<number> {
  return Number(await askBy(provider)(manager, AAVE_V4_ABI, "getRoleGrantDelay", role));
}

/** How many functions each role opens besides those that the agent calls. */
async function othersOf(
  provider: JsonRpcProvider,
  { fromBlock }: Lender,
  roles: readonly Power[],
  powers: readonly Power[],
): Promise<ReadonlyMap<bigint, number>> {
  const event = AAVE_V4_ABI.getEvent("TargetFunctionRoleUpdated")?.topicHash ?? null;
  const opened = new Map<string, bigint>();
  for (const manager of new Set(roles.map((power) => power.manager))) {
    for (const log of await logsSince(provider, manager, [event], fromBlock)) {
      const [target, selector, role] = (AAVE_V4_ABI.parseLog(log)?.args ?? []) as unknown as [string, string, bigint];
      opened.set(`${target} ${selector}`, role);
    }
  }
  const all = [...opened.values()];
  const used = (role: bigint) => powers.filter((power) => power.role === role).length;
  return new Map(roles.map(({ role }) => [role, all.filter((one) => one === role).length - used(role)]));
}

/** Plays the roles, both synchronisations of every market by a stranger, and the undoing by `eth_simulateV1`. */
async function play(
  provider: JsonRpcProvider,
  at: { readonly block: number; readonly time: number; readonly waitSeconds: number },
  { agent, admin, readings, acts, undo }: Pick<ProposalV4, "admin" | "readings" | "acts" | "undo"> & { agent: string },
): Promise<ProposalV4["refused"]> {
  const anyone = "0x000000000000000000000000000000000000dEaD";
  const abi = agentAbi();
  const syncs = readings.flatMap(({ asset }) =>
    ["sync", "syncSupplyCap"].map((name) => ({ from: anyone, to: agent, data: abi.encodeFunctionData(name, [asset]) })),
  );
  const from = (calls: readonly Act[]) => calls.map(({ to, data }) => ({ from: admin, to, data }));
  const [acted, first, undone] = (await simulated(provider, at, [from(acts), syncs, from(undo)])).map((answers) =>
    refusalIn(answers, abi),
  );
  return { acts: acted ?? null, first: first ?? null, undo: undone ?? null };
}

/** Whether it may be sent as it is. */
export function passesV4({ doubts, refused }: ProposalV4): boolean {
  return doubts.length === 0 && Object.values(refused).every((why) => why === null);
}

/** Returns the page for a forum, in Markdown. */
export function pageV4(proposal: ProposalV4, deployment: Deployment): string {
  const { title, lender, admin, block, powers, others, readings, doubts, refused, acts, undo, steps, undoSteps } =
    proposal;
  const percent = (bps: number | undefined) => (bps === undefined ? "unknown" : `${(bps / 100).toFixed(2)} %`);
  const cap = (tokens: number | null | undefined) => (tokens === undefined ? "unknown" : (tokens ?? "none"));
  const calldata = (all: readonly Step[]) =>
    all.flatMap(({ name, transactions }) =>
      transactions.flatMap(({ to, data }) => [`${name}, to \`${to}\`:`, "```", data, "```", ""]),
    );
  const lines = [
    `# ${title}`,
    "",
    `Chain ${deployment.chainId}, spoke \`${lender.spoke}\`, hub \`${lender.hub}\`. Parameter contract \`${deployment.contract.address}\`, agent \`${lender.agent.address}\`. Every number here is of block ${block}; **what will be set is what the parameter contract says on the day.**`,
    ...doubts.map((doubt) => `\n**Not what the record says:** ${doubt}. Do not send this.`),
    "",
    "## What changes",
    "",
    ...(acts.length === 0 ? ["- nothing to do: the agent has its roles"] : acts.map(({ says }) => `- ${says}`)),
    ...[...others].map(
      ([role, count]) =>
        `- Role ${role} opens ${powers
          .filter((power) => power.role === role)
          .map(({ name }) => name)
          .join(
            ", ",
          )}, and ${count} other functions. They take the spoke as an argument; the agent's code is what limits it to these, one spoke and one hub.`,
    ),
    "",
    "From then on anyone, as a rule the keeper, may call the agent. It adds configurations with the collateral factor 1 - initial haircut, sets the add cap to the exposure limit, and lowers what is replaced to 1 - maintenance haircut.",
    "",
    "| reserve | newest factor: now, first call | add cap, tokens: now, first call |",
    "|---|---|---|",
    ...readings.map(
      ({ market, has, collateral, cap: limit }) =>
        `| ${market} | ${percent(has?.ltvBps)}, ${percent(collateral?.ltvBps)} | ${cap(has?.supplyCap)}, ${cap(limit?.supplyCap)} |`,
    ),
    ...readings.flatMap(({ market, fault }) => (fault === null ? [] : [`\n**${market}:** ${fault.detail}`])),
    "",
    "## For whom",
    "",
    "New configurations bind who enables, borrows, withdraws or disables after them, and nobody else. Who is bound to an older one keeps it for 30 days after its replacement, then at most a step of it at a time is lowered.",
    "**Not played here: the health of any borrower.** Aave v4's book is not read, so which configuration a position is bound to is not known here; no first call touches an open loan.",
    "",
    refused.acts === null ? "Aave's calls pass." : `**Aave's calls are refused:** ${refused.acts}`,
    refused.first === null
      ? "The agent's first calls pass."
      : `**The agent's first calls are refused:** ${refused.first}`,
    "",
    ...(steps.length === 0 ? [] : ["## What to send", "", `From \`${admin}\`:`, "", ...calldata(steps)]),
    "## How to undo",
    "",
    ...undo.map(({ says }) => `- ${says}`),
    "",
    refused.undo === null
      ? "Played after the first calls, it passes. Configurations and caps stay as they are: Aave adds another configuration and sets another cap."
      : `**Played after the first calls it is refused:** ${refused.undo}`,
    "",
    ...calldata(undoSteps),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
