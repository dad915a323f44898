import type { IncidentWorld } from "./incidentWorld.ts";
import { idOf, MAX_INITIAL, MAX_MAINTENANCE, type Named, type Outcome, PAIRS, type Values } from "./terms.ts";

const LANES = 2;
const MINUTE = 60;
const HOUR = 3_600;
/** What the values were last set to; what the adversary wants of the next ones. */
type Stored = Map<number, Values>;
type Wish = "raise" | "squeeze" | "loosen" | "edge" | "near" | "anything" | "highest";
const WISHES: readonly Wish[] = ["raise", "squeeze", "squeeze", "squeeze", "loosen", "edge", "near"];
/** Seconds between batches: the same minute, within the budget window, past the ttl, past the decay. */
const WAITS = [1, 7, 59, MINUTE, 5 * MINUTE, HOUR, 3 * HOUR, 5 * HOUR, 7 * HOUR, 31 * HOUR];

/**
 * A keeper that tries to bring maintenance up, or initial down to it, by any batch it can build; seeded. Around it
 * governance holds values, resets the breaker and freezes, so that every reason to skip comes up.
 */
export class Adversary {
  readonly world: IncidentWorld;
  readonly #uniform: () => number;
  readonly #stored: Stored = new Map();

  constructor(world: IncidentWorld, uniform: () => number) {
    this.world = world;
    this.#uniform = uniform;
    for (const [pair, { initialBps, maintenanceBps }] of PAIRS.entries()) {
      for (let lane = 0; lane < LANES; lane += 1) {
        this.#stored.set(idOf(pair, lane), { initialBps, maintenanceTargetBps: maintenanceBps });
      }
    }
  }

  /** Waits, lets governance act or not, and sends one batch. */
  async step(): Promise<Outcome> {
    if (this.#chance(0.25)) await this.#governance();
    const time = this.world.now() + this.#pick(WAITS);
    const named = this.#batch(time);
    const outcome = await this.world.send(time, named);
    if (outcome.refusal === "") this.#remember(named, outcome);
    return outcome;
  }

  #batch(time: number): readonly Named[] {
    const groups = PAIRS.map((_, group) => group).filter(() => this.#chance(0.7));
    if (groups.length === 0 || this.#chance(0.03)) groups.push(PAIRS.length);
    // Far jumps up rarely: from there, closing the gap takes weeks of budget.
    const wish = this.#chance(0.02) ? this.#pick<Wish>(["highest", "anything"]) : this.#pick(WISHES);
    return groups.map((group) => ({ group, asOf: this.#asOf(time), lanes: this.#lanes(group, wish) }));
  }

  #lanes(group: number, wish: Wish): readonly (Values | null)[] {
    const lanes: (Values | null)[] = Array.from({ length: LANES }, (_, lane) =>
      this.#chance(0.85) ? this.#values(group, idOf(group, lane), wish) : null,
    );
    if (!lanes.some((values) => values !== null)) lanes[0] = this.#values(group, idOf(group, 0), wish);
    return lanes;
  }

  #values(group: number, id: number, wish: Wish): Values {
    const pair = PAIRS[group];
    const stored = this.#stored.get(id);
    if (!pair || !stored) return { initialBps: 5_000, maintenanceTargetBps: 4_000 };
    const { minGapBps } = pair;
    const [lowest, least] = [pair.initialBps - 300, pair.maintenanceBps - 300];
    if (wish === "highest") return { initialBps: MAX_INITIAL, maintenanceTargetBps: MAX_MAINTENANCE };
    if (wish === "raise") {
      const initialBps = Math.min(stored.initialBps + this.#below(60), MAX_INITIAL);
      return { initialBps, maintenanceTargetBps: Math.min(initialBps - minGapBps, MAX_MAINTENANCE) };
    }
    if (wish === "anything") return { initialBps: this.#below(1 << 14), maintenanceTargetBps: this.#below(1 << 13) };
    if (wish === "near") {
      const near = (value: number) => Math.max(0, value + this.#below(160) - 80);
      return { initialBps: near(stored.initialBps), maintenanceTargetBps: near(stored.maintenanceTargetBps) };
    }
    if (wish === "edge") {
      const one = this.#below(3) - 1;
      const initialBps = this.#pick([lowest + one, MAX_INITIAL + 1, stored.initialBps - 80 + one]);
      const tops = [least + one, MAX_MAINTENANCE + one, initialBps - minGapBps + one];
      return { initialBps, maintenanceTargetBps: Math.min(Math.max(0, this.#pick(tops)), 8_191) };
    }
    // Down by at most a step, so that the gap closes from above, with the target as high as that leaves.
    const initialBps = Math.max(lowest, stored.initialBps - this.#below(this.#chance(0.7) ? 20 : 85));
    const target = wish === "squeeze" ? initialBps - minGapBps : stored.maintenanceTargetBps - this.#below(85);
    return { initialBps, maintenanceTargetBps: Math.max(least, Math.min(target, MAX_MAINTENANCE)) };
  }

  #asOf(time: number): number {
    if (this.#chance(0.85)) return time;
    return time + this.#pick([-30, -10 * MINUTE, -2 * HOUR, 10 * MINUTE]);
  }

  async #governance(): Promise<void> {
    const { world } = this;
    const when = world.now() + 1;
    const id = this.#pick(world.watched);
    const act = this.#pick(["reset", "reset", "reset", "hold", "permit", "freeze", "budget"]);
    if (act === "reset") await world.does(world.governance, when, "resetBreaker", []);
    if (act === "permit") await world.setPermits(when, this.#chance(0.5));
    if (act === "budget") await world.does(world.governance, when, "setAggregateBudget", [this.#pick([60, 400]), 400]);
    if (act === "freeze") await world.does(world.governance, when, "setMode", [id, this.#below(3)]);
    const stored = this.#stored.get(id);
    if (act === "hold" && stored) {
      await world.does(world.governance, when, "overrideMarkets", [
        [{ marketId: id, ...(await this.#standing(id, stored)), until: when + this.#pick([MINUTE, 2 * HOUR]) }],
      ]);
    }
  }

  /** Values that an override may set: what is stored. */
  async #standing(id: number, stored: Values): Promise<Values> {
    const state = await this.world.core.getFunction("marketState").staticCall(id);
    const values = { initialBps: Number(state.initialBps), maintenanceTargetBps: Number(state.maintenanceTargetBps) };
    if (values.initialBps !== stored.initialBps) throw new Error(`market ${id} is not what was sent`);
    return values;
  }

  #remember(named: readonly Named[], outcome: Outcome): void {
    const skipped = new Set(outcome.skipped.map((one) => one.marketId));
    for (const { group, lanes } of named) {
      for (const [lane, values] of lanes.entries()) {
        const id = idOf(group, lane);
        if (values && !skipped.has(id) && this.#stored.has(id)) this.#stored.set(id, values);
      }
    }
  }

  #chance(probability: number): boolean {
    return this.#uniform() < probability;
  }

  #below(count: number): number {
    return Math.floor(this.#uniform() * count);
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}
