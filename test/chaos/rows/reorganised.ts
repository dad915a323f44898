import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import type { Intent } from "../../../keeper/domain/intent.ts";
import { parseJsonc } from "../../../keeper/markets/jsonc.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { PATIENT, patientOnce } from "../support/running.ts";
import { eachSetBack, type WorldSetBack } from "../support/worldSetBack.ts";

const MARKETS = new URL("../../../deployments/markets/", import.meta.url);

/** What a reorganisation does with the keeper's transactions, and what may come of it. */
type Story = {
  readonly name: string;
  /** Updates decided in all: with each, one effect. */
  readonly updates: number;
  /** Transactions signed in all, those included that another of their nonce makes void. */
  readonly signed: number;
  readonly tell: (scene: Scene) => Promise<void>;
};

type Scene = {
  /** One cycle, as cron would start it. */
  tick(): Promise<void>;
  /** Blocks of a second, so that no datum grows old, with what the pool holds. */
  mine(blocks: number): Promise<void>;
  /** Replaces so many of the last blocks by others, in which these transactions stand. */
  reorganise(blocks: number, back: readonly Intent[]): Promise<void>;
  /** Bytes that some distant pool still had; nothing when the node refuses them. */
  again(intent: Intent): Promise<void>;
  drop(intent: Intent): Promise<void>;
  /** Transactions of the journal, oldest first. */
  intents(): readonly Intent[];
  passTo(seconds: number): Promise<void>;
  /** Moves the market on by hours. */
  nextMarket(): Promise<void>;
};

/** Blocks are replaced, by the node's own reorganisation: the update comes back in another, later, not at all. */
export const reorganised: ChaosRow = {
  fault: "reorg that returns, and one that loses, the transaction",
  mark: "one effect",
  gate: false,
  async run({ random, note }) {
    return eachSetBack(
      stories(() => 1 + Math.floor(random() * 6)),
      note,
      told,
    );
  },
};

/** @param depth blocks on top of the update when its block is replaced, by the seed */
function stories(depth: () => number): readonly Story[] {
  const landed = async (scene: Scene, blocks: number): Promise<Intent> => {
    await scene.tick();
    await scene.mine(blocks);
    return last(scene.intents());
  };
  return [
    {
      name: "returns it in another block",
      updates: 1,
      signed: 1,
      async tell(scene) {
        const deep = depth();
        const sent = await landed(scene, deep);
        await scene.reorganise(deep, [sent]);
        await scene.tick();
      },
    },
    {
      name: "loses it",
      updates: 1,
      signed: 1,
      async tell(scene) {
        const deep = depth();
        await landed(scene, deep);
        await scene.reorganise(deep, []);
        await scene.tick();
      },
    },
    {
      name: "loses it, and another pool returns it first",
      updates: 1,
      signed: 1,
      async tell(scene) {
        const deep = depth();
        const sent = await landed(scene, deep);
        await scene.reorganise(deep, []);
        await scene.again(sent);
        await scene.mine(1);
        await scene.tick();
      },
    },
    {
      name: "loses it and, after the keeper has replaced it, the original is mined",
      // What the replacement would have done is decided again, upon the original.
      updates: 2,
      signed: 3,
      async tell(scene) {
        const deep = depth();
        const sent = await landed(scene, deep);
        await scene.reorganise(deep, []);
        // A minute on, the data of the first decision are old, and a fresh one takes its place.
        await scene.passTo(61);
        await scene.tick();
        await scene.drop(last(scene.intents()));
        await scene.again(sent);
        await scene.mine(1);
        await scene.tick();
      },
    },
    {
      name: "returns the first of two and loses the second",
      updates: 2,
      signed: 2,
      async tell(scene) {
        const first = await landed(scene, 1);
        await scene.passTo(61);
        await scene.tick();
        await scene.mine(1);
        await scene.reorganise(3, [first]);
        await scene.tick();
      },
    },
    {
      name: "loses it until its deadline has passed",
      updates: 1,
      signed: 2,
      async tell(scene) {
        const deep = depth();
        const sent = await landed(scene, deep);
        await scene.reorganise(deep, []);
        await scene.nextMarket();
        await scene.tick();
        await scene.mine(1);
        await scene.again(sent);
        await scene.mine(1);
      },
    },
  ];
}

async function told({ name, updates, signed, tell }: Story, { world }: WorldSetBack) {
  const state = world.stateOf(name.replaceAll(/[^a-z]+/g, "-"));
  const audit = await beginAudit(world);
  const { node } = world;
  const keeper = world.replica.accounts.keeper.address;
  const nonces = async () => node.getTransactionCount({ address: keeper });
  const transactions = { receiptTimeoutSeconds: 1, pollMilliseconds: 100 };
  await world.write("reorg.json", JSON.stringify({ ...PATIENT, transactions }));
  mkdirSync(join(world.folder, "markets"), { recursive: true });
  for (const name of ["WETH", "WBTC"]) await world.write(`markets/${name}.json`, renewedEachMinute(name));
  const before = await nonces();
  const { sequence } = (await world.chain()).writer;
  await node.setAutomine(false);
  try {
    await tell(sceneOf(world, state, { TONSOR_MARKETS: "markets" }));
    let code: number | null = null;
    // With the markets as they are shipped: what is written by now stands for hours.
    const scene = sceneOf(world, state, {}, (given) => {
      code = given;
    });
    await scene.mine(1);
    await scene.tick();
    // Deep enough for all of it to be final: what the tick before has sent is found by the first, and deep for the second.
    await scene.mine(13);
    await scene.tick();
    await scene.tick();
    const intents = scene.intents();
    const confirmed = intents.filter(({ status }) => status === "CONFIRMED");
    const effects = Number((await world.chain()).writer.sequence - sequence);
    const findings: Finding[] = [
      // On a busy machine data grow old between two ticks and are decided upon again, and a transaction waits for so long
      // that one of higher fees takes its place: how many are signed is told here, and only their effects are held.
      holds(
        `${name}: one effect for each confirmed intent`,
        effects === confirmed.length && effects >= updates,
        `${effects} for ${confirmed.length}`,
      ),
      {
        what: `${name}: transactions signed`,
        value: String(intents.length),
        mark: `${signed} while nothing grows old`,
        met: true,
      },
      atMost(`${name}: transactions paid without an effect`, (await nonces()) - before - effects, 0),
      holds(
        `${name}: all of it is final`,
        intents.every((intent) => intent.final),
      ),
    ];
    return { findings, ledger: await audit.ledger([state], code === 0, "good") };
  } finally {
    await node.setAutomine(true);
  }
}

/** A market whose values are written again after a minute, so that there is a second update within the life of a first. */
function renewedEachMinute(name: string): string {
  const { value } = parseJsonc(readFileSync(new URL(`${name}.jsonc`, MARKETS), "utf8"));
  return JSON.stringify({ ...(value as object), policy: { heartbeatSeconds: 60 } });
}

function sceneOf(
  world: ChaosWorld,
  state: string,
  markets: { readonly TONSOR_MARKETS?: string },
  ended: (code: number | null) => void = () => {},
): Scene {
  const { node } = world;
  const ask = (method: string, params: readonly unknown[]) => node.request({ method, params } as never);
  const environment = { TONSOR_STATE: state, TONSOR_CONFIG: "reorg.json", ...markets };
  const blockTime = async () => (await world.chain()).blockTime;
  const scene: Scene = {
    async tick() {
      const { code, out, err } = await patientOnce(world, environment);
      if (journal(world, state).length === 0) throw new Error(`nothing was sent: ${code} ${out} ${err}`);
      ended(code);
    },
    async mine(blocks) {
      for (let n = 0; n < blocks; n++) await world.passTo((await blockTime()) + 1);
    },
    async reorganise(blocks, back) {
      const before = await blockTime();
      await ask("anvil_reorg", [blocks, back.map((intent): [Hex, number] => [intent.rawTransaction, 0])]);
      // The node dates its new blocks before the old ones; a chain's time does not go back.
      await world.passTo(before + 1);
    },
    async again(intent) {
      await node.sendRawTransaction({ serializedTransaction: intent.rawTransaction }).catch(() => undefined);
    },
    drop: async (intent) => {
      await node.dropTransaction({ hash: intent.transactionHash });
    },
    intents: () => journal(world, state),
    passTo: async (seconds) => {
      await world.passTo((await blockTime()) + seconds);
    },
    async nextMarket() {
      await node.setAutomine(true);
      await world.advance();
      await node.setAutomine(false);
    },
  };
  return scene;
}

function last(intents: readonly Intent[]): Intent {
  const intent = intents.at(-1);
  if (intent === undefined) throw new Error("nothing was sent");
  return intent;
}
