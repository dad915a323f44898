import { Interface, id } from "ethers";
import { limitOf, MODES, POWERS } from "../../keeper/domain/contract.ts";
import { schemaProblems, TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, limitsSchema } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import { ADMITTED_LATER } from "../deploy/setup.ts";
import { readJson } from "../lab/files/readText.ts";
import { type Action, type ActionOf, type Intent, proposalSchema } from "./actionSchema.ts";
import type { Facts, MarketFacts } from "./facts.ts";

/** A call of the timelock. */
export type Call = { readonly to: string; readonly name: string; readonly data: string };

/** Reads a proposal from a JSON file. @throws TonsorError BAD_FILE with every problem and its path. */
export function readIntent(file: string): Intent {
  const value = readJson(file, "a proposal in JSON");
  const parsed = proposalSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error.issues, value, "file");
  throw new TonsorError("BAD_FILE", `${file} is not a proposal: ${problems}`);
}

/** The market of a name or id. @throws TonsorError UNKNOWN_MARKET naming the markets there are. */
export function marketOf(facts: Facts, name: string): MarketFacts {
  const found = facts.markets.find((each) => each.name === name || String(each.id) === name);
  if (found !== undefined) return found;
  const expected = `one of ${facts.markets.map((each) => `${each.name} (${each.id})`).join(", ")}`;
  throw new TonsorError("UNKNOWN_MARKET", `no market is named ${name}`, { field: "market", given: name, expected });
}

/** Limits of a class with some fields changed. @throws TonsorError BAD_ARGUMENT on a class that is not defined. */
export function changedLimits(facts: Facts, action: ActionOf<"setLimits">) {
  const previous = facts.classes.get(action.class);
  const next = limitsSchema.safeParse({ ...previous, ...action.limits });
  if (next.success) return { previous, next: next.data };
  throw new TonsorError("BAD_ARGUMENT", `class ${action.class} is not defined: a new one needs every limit`, {
    field: "class",
    given: action.class,
    expected: `one of ${[...facts.classes.keys()].join(", ")}, or all of ${Object.keys(limitsSchema.shape).join(", ")}`,
  });
}

/** What a market is set to, what the action leaves out as it is. */
export function changedMarket(facts: Facts, action: ActionOf<"changeMarket">) {
  const previous = marketOf(facts, action.market);
  const { class: classId, lowestLimitTokens: lowest, highestLimitTokens: highest, probe } = action;
  const next = {
    classId: classId ?? previous.classId,
    lowestLimit: lowest === undefined ? previous.lowestLimit : limitOf(BigInt(lowest)),
    highestLimit: highest === undefined ? previous.highestLimit : limitOf(BigInt(highest)),
    probe: probe ?? previous.probe,
  };
  return { previous, next };
}

/** The last market of a pair, if governance has ended it. */
export function endedOf(facts: Facts, { collateral, debt }: ActionOf<"listMarket">): MarketFacts | undefined {
  const isPair = (market: MarketFacts) =>
    BigInt(market.collateral) === BigInt(collateral) && BigInt(market.debt) === BigInt(debt);
  const last = facts.markets.findLast(isPair);
  return last?.delisted ? last : undefined;
}

/** Returns what the timelock calls for an action. */
export function callOf(action: Action, facts: Facts, deployment: Deployment): Call {
  const { contract, gateways, timelock } = deployment;
  const artifacts = deploymentArtifacts();
  const call = (target: "contract" | "challenge" | "listing" | "timelock", name: string, args: unknown[]): Call => {
    const { address: to } = { contract, timelock, ...gateways }[target];
    return { to, name, data: new Interface(artifacts[target].abi).encodeFunctionData(name, args) };
  };
  switch (action.action) {
    case "setLimits":
      return call("contract", "setLimits", [action.class, changedLimits(facts, action).next]);
    case "changeMarket": {
      const { previous, next } = changedMarket(facts, action);
      return call("contract", "changeMarket", [previous.id, next]);
    }
    case "delistMarket":
      return call("contract", "delistMarket", [marketOf(facts, action.market).id]);
    case "setMode":
      return call("contract", "setMode", [marketOf(facts, action.market).id, MODES.indexOf(action.mode)]);
    case "setManually": {
      const values = action.values.map(({ market: name, limitTokens, ...rest }) => ({
        marketId: marketOf(facts, name).id,
        limit: limitOf(BigInt(limitTokens)),
        ...rest,
      }));
      return call("contract", "setManually", [values]);
    }
    case "admit": {
      const { action: _, power, ...setting } = action;
      return call("contract", "admit", [{ ...setting, power: POWERS.indexOf(power) }]);
    }
    case "setFeeds":
      return call("challenge", "setFeeds", [marketOf(facts, action.market).id, action.feeds]);
    case "listMarket": {
      const { action: _, class: classId, limitTokens, lowestLimitTokens, highestLimitTokens, ...values } = action;
      const [limit, lowestLimit, highestLimit] = [limitTokens, lowestLimitTokens, highestLimitTokens].map((tokens) =>
        limitOf(BigInt(tokens)),
      );
      const listing = { ...values, classId, limit, lowestLimit, highestLimit };
      // The contract lets a lister, as the gate is, list no pair that governance has ended.
      if (endedOf(facts, action)) return call("contract", "listMarket", [listing]);
      return call("listing", "list", [listing]);
    }
    case "updateDelay":
      return call("timelock", "updateDelay", [action.seconds]);
    case "call":
      return otherCall(action);
  }
}

function otherCall({ to, function: declared, args }: ActionOf<"call">): Call {
  try {
    const abi = new Interface([`function ${declared}`]);
    const [name = ""] = declared.split("(");
    return { to, name, data: abi.encodeFunctionData(name, args) };
  } catch (cause) {
    const facts = { field: "args", given: JSON.stringify(args), expected: declared };
    throw new TonsorError("BAD_ARGUMENT", "a call cannot be written", facts, cause);
  }
}

/** What completes a deployment that its deployer could not complete: gateways and feeds (see deploy/setup.ts). */
export function setupIntent({ gateways, markets }: Deployment): Intent {
  const admitted = Object.entries(ADMITTED_LATER).map(([name, power]) => {
    const account = gateways[name as keyof typeof ADMITTED_LATER].address;
    return { action: "admit" as const, account, power, aggregateBps: 0, tripBps: 0 };
  });
  return {
    title: "Tonsor setup",
    description: "Admits the gateways that were created after the contract, and names to Challenge its feeds.",
    actions: [
      ...admitted,
      ...markets.flatMap(({ name, feeds }) =>
        feeds === null ? [] : [{ action: "setFeeds" as const, market: name, feeds }],
      ),
    ],
  };
}

/** Salt of a proposal without one of its own: the same words make the same operation. */
export function saltOf({ title, description }: Intent): string {
  return id(description === "" ? title : `${title}\n${description}`);
}
