import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { ContractEvent } from "../../../keeper/domain/contract.ts";
import type { ContractState } from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, perform, type Step } from "../../lab/contractModel/calls.ts";
import { deployed } from "../../lab/contractModel/genesis.ts";
import type { Random } from "../../lab/contractModel/random.ts";
import { type ParametersWorld, parametersWorld } from "./parametersWorld.ts";
import { type Question, viewsOf } from "./views.ts";

/** Entries to ask about: like those of a batch that has just been sent, against the state after it, of any account. */
function questionsFor(random: Random, { call }: Step, now: number): Question[] {
  if (call.kind !== "publishBatch" || call.batch.entries.length === 0) return [];
  return (["keeper", "second", "quorum", "stranger"] as const).map((name) => {
    const entry = random.pick(call.batch.entries);
    const initialBps = Math.max(0, Math.min(0x3fff, entry.initialBps + random.between(-30, 10)));
    const minute = now - ((now - 1_420_070_400) % 60);
    const asOf = random.pick([entry.asOf, minute, minute, minute]);
    return { holder: ACCOUNTS[name], entry: { ...entry, initialBps, asOf, orTighter: random.chance(0.5) } };
  });
}

/** Addresses in the one spelling the model uses. */
export function spelled(value: unknown): unknown {
  if (typeof value === "string") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(spelled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spelled(inner)]));
}

/** Maps as entries and addresses in one spelling, so that two states compare. */
export function plain({ classes, accounts, ...rest }: ContractState): unknown {
  const byKey = ([a]: readonly [unknown, unknown], [b]: readonly [unknown, unknown]) =>
    String(a) < String(b) ? -1 : 1;
  return spelled({ ...rest, classes: [...classes].sort(byKey), accounts: [...accounts].sort(byKey) });
}

/** A contract on a chain and its model, which do everything together. */
export class Comparison {
  /** How often something was said, refused or previewed. */
  readonly seen: Map<string, number>;
  /** Everything said so far. */
  readonly events: ContractEvent[] = [];
  readonly world: ParametersWorld;
  state: ContractState;

  private constructor(world: ParametersWorld, seen: Map<string, number>) {
    this.seen = seen;
    const { state, events } = deployed();
    this.world = world;
    this.state = state;
    this.events.push(...events);
  }

  /** Deploys both; what is said is counted in `seen`. */
  static async start(seen = new Map<string, number>()): Promise<Comparison> {
    return new Comparison(await parametersWorld(), seen);
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** Does one thing on chain and in the model, and compares what they say, refuse and read. */
  async step(step: Step, random: Random, title: string): Promise<void> {
    const { world } = this;
    const now = world.now() + step.seconds;
    const wanted = perform(this.state, step, now);
    const result = await world.run(step);
    const where = () => `${title} at ${now}: ${JSON.stringify(step)}`;
    if ("refused" in wanted) {
      this.#count(wanted.refused.error);
      assert.ok("refused" in result, `the model refuses with ${JSON.stringify(spelled(wanted.refused))}: ${where()}`);
      assert.deepEqual(spelled(result.refused), spelled(wanted.refused), where());
    } else {
      assert.ok("events" in result, `the contract refuses with ${JSON.stringify(result)}: ${where()}`);
      const { events } = wanted;
      assert.deepEqual(spelled(result.events), spelled(events), where());
      for (const event of events) {
        this.#count("reason" in event ? `${event.name} ${event.reason}` : event.name);
        this.events.push({ ...event, time: now });
      }
      this.state = wanted.state;
    }
    await this.#compareViews(questionsFor(random, step, now), where);
  }

  async #compareViews(questions: readonly Question[], where: () => string): Promise<void> {
    const views = viewsOf(this.world, this.state, this.world.now(), questions);
    const answers = await this.world.read(views.map(({ call }) => call));
    for (const [index, { what, wanted, meaning }] of views.entries()) {
      const answer = answers[index] ?? "0x";
      const said = meaning === undefined ? answer : meaning(answer);
      if (!isDeepStrictEqual(said, wanted)) assert.deepEqual(said, wanted, `${what} after ${where()}`);
    }
  }
}
