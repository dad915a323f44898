import { toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { TEST_MNEMONIC } from "../../../keeper/simulation/replica/accounts.ts";
import { atMost, type ChaosRow } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import { grantKeeperRole } from "../support/roles.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";

/** Two keepers with a key each, a third process with the first one's key; one of them sleeps for a while. */
export const twoKeepers: ChaosRow = {
  fault: "two keepers, split brain, SIGSTOP 70 s",
  mark: "duplicates on chain 0, wasted reverts < 1 %",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const index = 6;
    const secret = mnemonicToAccount(TEST_MNEMONIC, { addressIndex: index }).getHdKey().privateKey;
    if (secret === null) throw new Error("no key");
    await grantKeeperRole(world, mnemonicToAccount(TEST_MNEMONIC, { addressIndex: index }).address);
    await world.advance();
    const audit = await beginAudit(world);
    const states = [world.stateOf("first"), world.stateOf("second"), world.stateOf("sameKey")];
    const environments = [
      { TONSOR_STATE: states[0], REPLICA_RANK: "0" },
      { TONSOR_STATE: states[1], REPLICA_RANK: "1", KEEPER_PRIVATE_KEY: toHex(secret), TONSOR_CONFIG: "stages.json" },
      { TONSOR_STATE: states[2], REPLICA_RANK: "2", TONSOR_CONFIG: "stages.json" },
    ];
    await world.write("stages.json", JSON.stringify({ schedule: { stageSeconds: 1 } }));
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
    for (const environment of environments) await world.tonsor("once --json", environment);
    const intents = states.flatMap((state) => journal(world, state));
    const reverted = intents.filter((intent) => intent.status === "REVERTED").length;
    const ticks = runs.reduce((sum, run) => sum + cyclesOf(run).length, 0);
    const alive = ended.every((one) => one.code === 0);
    const applied = await audit.applied();
    return {
      // Market data moves between two looks, so what is loosened here is loosened on good data.
      ledger: { ...(await audit.ledger(states, alive && applied >= moves)), loosened: null },
      findings: [
        atMost("wasted reverts, % of ticks", (100 * reverted) / ticks, 1),
        atMost("batches more than there were data", Math.max(0, applied - moves - 1), 1),
      ],
    };
  },
};
