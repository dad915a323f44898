import { readFileSync } from "node:fs";
import { Interface, id } from "ethers";
import { MODES } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, limitsSchema } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import { roleId } from "../deploy/checkRoles.ts";
import { type Action, type Intent, proposalSchema } from "./actionSchema.ts";
import type { Facts, MarketFacts } from "./facts.ts";

/** A call of the timelock. */
export type Call = { readonly to: string; readonly name: string; readonly data: string };

/** Reads a proposal from a JSON file. @throws TonsorError BAD_FILE with every problem and its path. */
export function readIntent(file: string): Intent {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no proposal in JSON at ${file}`, {}, cause);
  }
  const parsed = proposalSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new TonsorError("BAD_FILE", `${file} is not a proposal: ${problems.join("; ")}`);
}

/** The market of a name or id. @throws TonsorError UNKNOWN_MARKET naming the markets there are. */
export function marketOf(facts: Facts, name: string): MarketFacts {
  const found = facts.markets.find((each) => each.name === name || String(each.id) === name);
  if (found !== undefined) return found;
  const expected = `one of ${facts.markets.map((each) => `${each.name} (${each.id})`).join(", ")}`;
  throw new TonsorError("UNKNOWN_MARKET", `no market is named ${name}`, { field: "market", given: name, expected });
}

/** Limits of a class with some fields changed. @throws TonsorError BAD_ARGUMENT on a class that is not defined. */
export function changedLimits(facts: Facts, action: Extract<Action, { action: "setLimits" }>) {
  const previous = facts.classes.get(action.class);
  const next = limitsSchema.safeParse({ ...previous, ...action.limits });
  if (next.success) return { previous, next: next.data };
  throw new TonsorError("BAD_ARGUMENT", `class ${action.class} is not defined: a new one needs every limit`, {
    field: "class",
    given: action.class,
    expected: `one of ${[...facts.classes.keys()].join(", ")}, or all of ${Object.keys(limitsSchema.shape).join(", ")}`,
  });
}

/** Returns what the timelock calls for an action. */
export function callOf(action: Action, facts: Facts, deployment: Deployment): Call {
  const { contract, doors, timelock } = deployment;
  const artifacts = deploymentArtifacts();
  const call = (target: "contract" | "challenge" | "listing" | "timelock", name: string, args: unknown[]): Call => {
    const { address: to } = { contract, timelock, ...doors }[target];
    return { to, name, data: new Interface(artifacts[target].abi).encodeFunctionData(name, args) };
  };
  switch (action.action) {
    case "setLimits":
      return call("contract", "setLimits", [action.class, changedLimits(facts, action).next]);
    case "setClass":
      return call("contract", "setClass", [action.group, action.class]);
    case "setAggregateBudget":
      return call("contract", "setAggregateBudget", [action.hotBps, action.quorumBps]);
    case "resetBreaker":
      return call("contract", "resetBreaker", []);
    case "setMode":
      return call("contract", "setMode", [marketOf(facts, action.market).id, MODES.indexOf(action.mode)]);
    case "setProbe":
      return call("contract", "setProbe", [marketOf(facts, action.market).id, action.probe]);
    case "overrideMarkets": {
      const values = action.values.map(({ market: name, ...rest }) => ({
        marketId: marketOf(facts, name).id,
        ...rest,
      }));
      return call("contract", "overrideMarkets", [values]);
    }
    case "grantRole":
    case "revokeRole":
      return call("contract", action.action, [roleId(action.role), action.account]);
    case "setFeeds":
      return call("challenge", "setFeeds", [marketOf(facts, action.market).id, action.feeds]);
    case "list": {
      const { class: classId, ...listing } = action;
      return call("listing", "list", [{ classId, ...listing }]);
    }
    case "updateDelay":
      return call("timelock", "updateDelay", [action.seconds]);
  }
}

/** What completes a deployment that its deployer could not complete: gateways, budgets, feeds (see deploy/setup.ts). */
export function setupIntent({ doors, aggregate, markets }: Deployment): Intent {
  return {
    title: "Tonsor setup",
    description: "Gives the gateways their roles and lets values loosen.",
    actions: [
      { action: "grantRole", role: "CHALLENGER_ROLE", account: doors.challenge.address },
      { action: "grantRole", role: "LISTER_ROLE", account: doors.listing.address },
      { action: "setAggregateBudget", ...aggregate },
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
