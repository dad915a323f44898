import assert from "node:assert/strict";
import { type ContractEventBody, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { readMarkets } from "../../../keeper/protocols/collateralParameters.ts";
import { onChainMarket } from "../../../scripts/lab/contractModel/effective.ts";
import type { ContractState } from "../../../scripts/lab/contractModel/state.ts";
import { perform, type Step } from "../../lab/contractModel/calls.ts";
import { deployed, START } from "../../lab/contractModel/genesis.ts";
import type { Random } from "../../lab/contractModel/random.ts";
import { type Grace, type ParametersWorld, parametersWorld } from "./parametersWorld.ts";
import { chainViews, idsOf, modelViews, type Question } from "./views.ts";

/** Updates to ask about: like those of a batch that has just been sent, against the state after it. */
function questionsFor(random: Random, { call }: Step, now: number): Question[] {
  if (call.kind !== "update" && call.kind !== "updateByQuorum") return [];
  const updates = call.batch.entries.flatMap(({ group, asOf, lanes }) =>
    lanes.flatMap((values, lane) => {
      if (!values || group > 13_000) return [];
      const { initialBps, maintenanceTargetBps } = values;
      const shift = random.between(-30, 10);
      const initial = Math.max(0, initialBps + shift);
      return [
        {
          marketId: group * 5 + lane + 1,
          initialBps: initial,
          maintenanceTargetBps,
          asOf: random.pick([asOf, now, now, now]),
        },
      ];
    }),
  );
  if (updates.length === 0) return [];
  return [true, false].map((quorum) => ({ update: random.pick(updates), quorum }));
}

/** Entries that name a whole group without a clock of its own and are applied whole: what the fast path is for. */
function wholeGroups(before: ContractState, { call }: Step, events: readonly ContractEventBody[]): number {
  if (call.kind !== "update" && call.kind !== "updateByQuorum") return 0;
  const skipped = events.flatMap((event) =>
    event.name === "MarketSkipped" ? [Math.floor((event.marketId - 1) / 5)] : [],
  );
  return call.batch.entries.filter(({ group, lanes }) => {
    const markets = before.groups[group]?.markets ?? [];
    const usual = markets.every((market, lane) =>
      market ? market.ownAsOfMinute === null && lanes[lane] : !lanes[lane],
    );
    return markets.length > 0 && usual && !skipped.includes(group);
  }).length;
}

/** Addresses in the one spelling the model uses. */
const spelled = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === "string" && /^0x[0-9a-fA-F]{40}$/.test(inner) ? inner.toLowerCase() : inner,
  );

/** Maps as entries and addresses in one spelling, so that two states compare. */
export function plain({ classes, probes, ...rest }: ContractState): unknown {
  const sorted = (map: ReadonlyMap<number, unknown>) => [...map].sort(([a], [b]) => a - b);
  return spelled({ ...rest, classes: sorted(classes), probes: sorted(probes) });
}

/** A contract on a chain and its model, which do everything together. */
export class Comparison {
  /** How often something was said, refused or previewed. */
  readonly seen = new Map<string, number>();
  readonly world: ParametersWorld;
  state: ContractState;

  private constructor(world: ParametersWorld, state: ContractState) {
    this.world = world;
    this.state = state;
  }

  /** Deploys both; with a grace on a rollup whose sequencer is up. */
  static async start(grace: Grace = null): Promise<Comparison> {
    const world = await parametersWorld(grace);
    const state = deployed(world.deployedBy, START);
    const rounds = [{ up: true, startedAt: 1 }];
    const sequencer = grace === null ? null : { graceSeconds: grace, rounds };
    return new Comparison(world, { ...state, sequencer });
  }

  count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** Has the sequencer go down or come up in a block of its own. */
  async report(up: boolean, seconds: number): Promise<void> {
    const { sequencer } = this.state;
    assert.ok(sequencer);
    await this.world.report(up, seconds);
    const rounds = [...sequencer.rounds, { up, startedAt: this.world.now() }];
    this.state = { ...this.state, sequencer: { ...sequencer, rounds } };
    this.count(up ? "up" : "down");
  }

  /** Does one thing on chain and in the model, and compares what they say, refuse and read. */
  async step(step: Step, random: Random, title: string): Promise<void> {
    const { world } = this;
    const now = world.now() + step.seconds;
    const wanted = perform(this.state, step, world.accountOf(step.by), now);
    const result = await world.run(step);
    const where = `${title} at ${now}: ${JSON.stringify(step)}`;
    if ("refused" in wanted) {
      this.count(wanted.refused.error);
      assert.ok("refused" in result, `the model refuses with ${JSON.stringify(wanted.refused)}: ${where}`);
      assert.equal(result.refused.error, wanted.refused.error, where);
      if (result.refused.error !== "AccessControlUnauthorizedAccount") {
        assert.deepEqual(spelled(result.refused.args), spelled(wanted.refused.args), where);
      }
    } else {
      assert.ok("events" in result, `the contract refuses with ${JSON.stringify(result)}: ${where}`);
      const { events } = wanted;
      assert.deepEqual(spelled(result.events), spelled(events.map((event) => ({ ...event, time: now }))), where);
      for (const event of events) this.count(event.name === "MarketSkipped" ? event.reason : event.name);
      for (let whole = wholeGroups(this.state, step, events); whole > 0; whole--) this.count("whole groups");
      this.state = wanted.state;
    }
    const questions = questionsFor(random, step, now);
    const model = modelViews(this.state, now, questions);
    for (const [reason] of model.previews) this.count(`preview ${SKIP_REASONS[reason]}`);
    assert.deepEqual(spelled(await chainViews(world, this.state, questions)), spelled(model), where);
  }

  /** What the keeper reads, market by market, against what the model says that it reads. */
  async reads(where: string): Promise<void> {
    const { world, state } = this;
    const ids = idsOf(state);
    const { markets } = await readMarkets(world.client, world.address, await world.blockNumber(), ids);
    assert.deepEqual(
      markets,
      ids.map((id) => onChainMarket(state, id, world.now())),
      where,
    );
  }
}
