import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";

/** The block with the update is replaced: once the transaction comes back by itself, once it is gone. */
export const reorganised: ChaosRow = {
  fault: "reorg that loses the transaction",
  mark: "one effect",
  gate: false,
  async run({ world: open, note }) {
    const world = await open();
    const state = world.stateOf("reorg");
    const environment = { TONSOR_STATE: state };
    await world.advance();
    const audit = await beginAudit(world);
    const before = await world.node.snapshot();
    const { sequence } = await world.chain();
    const sent = await world.tonsor("once --json", environment);
    const landed = (await world.chain()).sequence;
    note("the block is taken back");
    await world.node.revert({ id: before });
    const gone = (await world.chain()).sequence;
    const { blockTime } = await world.chain();
    await world.passTo(blockTime + 30);
    for (let tick = 0; tick < 4 && (await world.chain()).sequence === sequence; tick++) {
      await world.tonsor("once --json", environment);
      await world.passTo((await world.chain()).blockTime + 40);
    }
    const last = await world.tonsor("once --json", environment);
    const stands = (await world.chain()).sequence;
    const intents = journal(world, state);
    const confirmed = intents.filter((one) => one.status === "CONFIRMED").length;
    const applied = Number(stands - sequence);
    const findings: Finding[] = [
      holds(
        "the first update landed and was taken back",
        sent.code === 0 && landed === sequence + 1n && gone === sequence,
      ),
      holds("the update stands on the new chain", stands > sequence),
      atMost("effects without a transaction of the journal, or beside it", Math.abs(applied - confirmed), 0),
      atMost("open transactions left", intents.filter((one) => ["PLANNED", "UNKNOWN"].includes(one.status)).length, 0),
    ];
    const ledger = await audit.ledger([state], last.code === 0);
    return { ledger: { ...ledger, loosened: null }, findings };
  },
};
