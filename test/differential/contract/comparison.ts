import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Hex } from "../../../keeper/domain/contract.ts";
import type { ContractEvent } from "../../../scripts/lab/contractModel/events.ts";
import type { ContractState, Outcome } from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, perform, type Step } from "../../lab/contractModel/calls.ts";
import { deployed, START } from "../../lab/contractModel/genesis.ts";
import type { Random } from "../../lab/contractModel/random.ts";
import type { Moment, Simulation } from "./simulation.ts";
import { answerDifference, hashOf, type Question, storedDifference, type Views, viewsOf } from "./views.ts";

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

/** A step, what the model says to it, and the hash of what it answers afterwards. */
type Expected = Moment & {
  readonly title: string;
  readonly wanted: Outcome;
  readonly hash: string;
  readonly words: Views["stored"];
  /** Every view once more, to say which of them differs. */
  readonly views: () => Views;
};

/** A contract and its model, which do everything together: the model first, the contract when `play` is called. */
export class Comparison {
  /** How often something was said or refused. */
  readonly seen: Map<string, number>;
  /** Everything said so far. */
  readonly events: ContractEvent[];
  state: ContractState;
  now = START;
  readonly #simulation: Simulation;
  readonly #expected: Expected[] = [];

  constructor(simulation: Simulation, seen = new Map<string, number>()) {
    const { state, events } = deployed();
    this.#simulation = simulation;
    this.seen = seen;
    this.state = state;
    this.events = [...events];
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** Does one thing in the model. */
  step(step: Step, random: Random, title: string): void {
    const now = this.now + step.seconds;
    this.now = now;
    const wanted = perform(this.state, step, now);
    if ("refused" in wanted) {
      this.#count(wanted.refused.error);
    } else {
      for (const event of wanted.events) {
        this.#count("reason" in event ? `${event.name} ${event.reason}` : event.name);
        this.events.push({ ...event, time: now });
      }
      this.state = wanted.state;
    }
    const { state } = this;
    const questions = questionsFor(random, step, now);
    const views = () => viewsOf(this.#simulation.abi, state, now, questions);
    const { answered, askedOnce, stored } = views();
    const hash = hashOf({ answered, askedOnce, stored });
    const callsOf = (those: readonly { readonly call: Hex }[]) => those.map(({ call }) => call);
    const calls = { answered: callsOf(answered), askedOnce: callsOf(askedOnce), stored: callsOf(stored) };
    this.#expected.push({ step, now, title, wanted, hash, words: stored, views, ...calls });
  }

  /** Does everything on chain, from the deployment on, and compares what contract and model say, refuse and read. */
  async play(): Promise<void> {
    const played = await this.#simulation.play(this.#expected, false);
    assert.equal(played.length, this.#expected.length);
    for (const [index, { step, now, title, wanted, hash, words, views }] of this.#expected.entries()) {
      const where = () => `${title} at ${now}: ${JSON.stringify(step)}`;
      const { result, answers } = played[index] ?? assert.fail();
      const said = "refused" in wanted ? { refused: wanted.refused } : { events: wanted.events };
      const [given, expected] = [spelled(result), spelled(said)];
      if (!isDeepStrictEqual(given, expected)) assert.deepEqual(given, expected, where());
      let difference = storedDifference(words, answers.slice(64));
      if (difference === null && answers.startsWith(hash)) continue;
      if (difference === null) {
        const whole = (await this.#simulation.play(this.#expected.slice(0, index + 1), true)).at(-1);
        difference = answerDifference(views(), whole?.answers ?? "");
      }
      assert.deepEqual(difference?.given, difference?.wanted, `${difference?.call} after ${where()}`);
      assert.fail(`the answers differ, and each is the same: ${where()}`);
    }
  }
}
