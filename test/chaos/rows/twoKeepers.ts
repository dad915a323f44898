import { toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { TEST_MNEMONIC } from "../../support/mnemonic.ts";
import { admitHotKey } from "../../support/powers.ts";
import { atMost, type ChaosRow } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import { PATIENT_SCHEDULE } from "../support/chaosWorld.ts";
import { doublings } from "../support/doublings.ts";
import { cyclesMore, PATIENT, patientOnce, stopped } from "../support/running.ts";

/** Two keepers with a key each, a third process with the first one's key; one of them sleeps for a while. */
export const twoKeepers: ChaosRow = {
  fault: "two keepers, split brain, SIGSTOP 70 s",
  mark: "no key writes a datum twice, no key loosens what another tightened, wasted reverts < 1 %",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const index = 6;
    const secret = mnemonicToAccount(TEST_MNEMONIC, { addressIndex: index }).getHdKey().privateKey;
    if (secret === null) throw new Error("no key");
    await admitHotKey(world, mnemonicToAccount(TEST_MNEMONIC, { addressIndex: index }).address);
    await world.advance();
    const audit = await beginAudit(world);
    const states = [world.stateOf("first"), world.stateOf("second"), world.stateOf("sameKey")];
    const environments = [
      { TONSOR_STATE: states[0], INSTANCE_RANK: "0", TONSOR_CONFIG: "twoKeepers.json" },
      { TONSOR_STATE: states[1], INSTANCE_RANK: "1", KEEPER_PRIVATE_KEY: toHex(secret), TONSOR_CONFIG: "stages.json" },
      { TONSOR_STATE: states[2], INSTANCE_RANK: "2", TONSOR_CONFIG: "stages.json" },
    ];
    await world.write("twoKeepers.json", JSON.stringify({ ...PATIENT, schedule: PATIENT_SCHEDULE }));
    await world.write(
      "stages.json",
      JSON.stringify({ ...PATIENT, schedule: { ...PATIENT_SCHEDULE, stageSeconds: 1 } }),
    );
    const runs = environments.map((environment) => world.start("run --json", environment));
    for (const run of runs) await run.until(({ out }) => out.includes("\n}") || out.includes("}\n"), "a first cycle");
    const moves = short ? 1 : 4;
    for (let move = 0; move < moves; move++) {
      const sleeper = runs[Math.floor(random() * runs.length)];
      const sleep = short ? 3 : 70;
      note(`one of three sleeps for ${sleep} s`);
      sleeper?.kill("SIGSTOP");
      await world.advance();
      const awake = runs.filter((run) => run !== sleeper);
      await new Promise((resolve) => setTimeout(resolve, sleep * 1_000));
      sleeper?.kill("SIGCONT");
      for (const run of [...awake, sleeper]) if (run !== undefined) await cyclesMore(run, 2);
    }
    const ended = await Promise.all(runs.map(stopped));
    // What one left open is settled by its next cycle, as it would be by the next tick.
    for (const environment of environments) await patientOnce(world, environment);
    const intents = states.flatMap((state) => journal(world, state));
    const reverted = intents.filter((intent) => intent.status === "REVERTED").length;
    const paid = intents.filter((intent) => intent.feeWei !== null).length;
    const alive = ended.every((one) => one.code === 0);
    const applied = await audit.applied();
    // The contract refuses one key a second batch of a number; of two keys, one that woke up late states the other's numbers again.
    const byKey = [...Map.groupBy(applied, ({ writer }) => writer).values()];
    const doubled = byKey.map(doublings);
    const ledger = await audit.ledger(states, alive && applied.length >= moves, "good");
    return {
      ledger: { ...ledger, doubled: doubled.reduce((sum, count) => sum + count, 0) },
      findings: [
        atMost(`wasted reverts, % of ${paid} transactions paid`, (100 * reverted) / Math.max(1, paid), 1),
        ...byKey.map((batches, n) =>
          atMost(`batches of key ${n + 1} more than there were data`, Math.max(0, batches.length - moves - 1), 1),
        ),
      ],
    };
  },
};
