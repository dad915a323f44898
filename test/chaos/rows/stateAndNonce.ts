import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { pauseKeeper } from "../../../keeper/operations/pausing.ts";
import { removePause } from "../../../keeper/runtime/killSwitch.ts";
import type { Child } from "../../support/child.ts";
import { TEST_MNEMONIC } from "../../support/mnemonic.ts";
import { admitHotKey } from "../../support/powers.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal, OPEN } from "../support/audit.ts";
import { type ChaosWorld, PATIENT_SCHEDULE } from "../support/chaosWorld.ts";
import { openPager } from "../support/pager.ts";
import { cyclesMore, cyclesOf, PATIENT, patientOnce, stopped, within } from "../support/running.ts";

type Case = (world: ChaosWorld, state: string, random: () => number) => Promise<readonly Finding[]>;

/** What an operator's own machine and a chain that stands still do to a keeper's state, nonce and key. */
const CASES: Readonly<Record<string, Case>> = {
  async "chain stands still"(world, state, random) {
    const waits = 6_000 + Math.floor(random() * 4_000);
    await world.advance();
    await world.node.setAutomine(false);
    try {
      const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: "hasty.json" });
      const waiting = () => journal(world, state).filter((one) => OPEN.includes(one.status));
      await within(60, () => waiting().length > 0);
      await new Promise((resolve) => setTimeout(resolve, waits));
      const offers = waiting().length;
      await stopped(run);
      await world.node.mine({ blocks: 1 });
      return [atMost("chain stands still: offers of one nonce, no block mined", offers, 1)];
    } finally {
      await world.node.setAutomine(true);
      await world.node.mine({ blocks: 1 });
      await patientOnce(world, { TONSOR_STATE: state });
    }
  },

  async "pause with a time in its reason"(world, state) {
    return running(world, state, async (run) => {
      pauseKeeper(
        { paused: { kind: "none" }, state },
        { reason: "until 2020-01-27T00:00:00Z the node is upgraded", until: null },
        (await world.chain()).blockTime,
      );
      await cyclesMore(run, 1);
      const sequence = await sequenceOf(world);
      await world.advance();
      await cyclesMore(run, 2);
      const still = (await sequenceOf(world)) === sequence;
      removePause(state);
      return [holds("pause: nothing is sent", still), await goesOn("pause", world, sequence)];
    });
  },

  async "journal locked"(world, state, random) {
    return running(world, state, async (run) => {
      const other = new DatabaseSync(join(state, "journal.sqlite"));
      other.exec("BEGIN IMMEDIATE");
      const sequence = await sequenceOf(world);
      await world.advance();
      await run.until(({ err }) => err.includes("is locked by another process"), "the word that it is locked");
      await new Promise((resolve) => setTimeout(resolve, 2_000 * random()));
      const sent = (await sequenceOf(world)) - sequence;
      other.exec("COMMIT");
      other.close();
      return [holds("locked: nothing is sent", sent === 0), await goesOn("locked", world, sequence)];
    });
  },

  async "rebuild beside it"(world, state) {
    return running(world, state, async (run) => {
      const { code, err, out } = await world.tonsor("rebuild --json", { TONSOR_STATE: state });
      const sequence = await sequenceOf(world);
      await world.advance();
      return [
        holds("rebuild beside it: refused with 75", code === 75 && /STATE_IN_USE/.test(out + err), String(code)),
        await goesOn("rebuild beside it", world, sequence),
        holds("rebuild beside it: the keeper lives", run.said().err.includes("keeper started")),
      ];
    });
  },

  async "evidence taken away"(world, state) {
    const pager = await openPager();
    const folder = join(state, "evidence");
    try {
      await patientOnce(world, { TONSOR_STATE: state });
      renameSync(folder, `${folder}.aside`);
      const alerted = await running(
        world,
        state,
        () => within(60, () => pager.fired().includes("TonsorEvidenceMissing")),
        { ALERT_WEBHOOK_URL: pager.url },
      );
      const { out } = await world.tonsor("doctor", { TONSOR_STATE: state });
      rmSync(folder, { recursive: true, force: true });
      renameSync(`${folder}.aside`, folder);
      const again = await world.tonsor("doctor", { TONSOR_STATE: state });
      return [
        holds("evidence: alerted within a minute", alerted),
        holds("evidence: doctor names it", /evidence\s.*0 of the last \d+ batches|0 of the last \d+ batches/.test(out)),
        holds("evidence: back, doctor is content", /(\d+) of the last \1 batches/.test(again.out)),
      ];
    } finally {
      await pager.close();
    }
  },

  async "reader of its output dies"(world, state) {
    const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json" });
    await run.until(() => cyclesOf(run).length > 0, "a first cycle");
    run.deafen();
    const { code } = await run.ended;
    return [holds("reader dies: exit 75", code === 75, String(code))];
  },

  async "state folder taken away"(world, state) {
    const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json" });
    await run.until(() => cyclesOf(run).length > 0, "a first cycle");
    const sequence = await sequenceOf(world);
    renameSync(state, `${state}.aside`);
    await world.advance();
    const { code, err } = await run.ended;
    const sent = (await sequenceOf(world)) - sequence;
    rmSync(state, { recursive: true, force: true });
    renameSync(`${state}.aside`, state);
    return [
      holds("folder taken away: exit 75, STATE_LOST", code === 75 && err.includes("STATE_LOST"), String(code)),
      holds("folder taken away: nothing is sent", sent === 0),
    ];
  },

  async "the journal's log taken away"(world, state) {
    const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json" });
    await run.until(() => cyclesOf(run).length > 0, "a first cycle");
    const before = journal(world, state).length;
    const sequence = await sequenceOf(world);
    for (const part of ["-wal", "-shm"]) rmSync(join(state, `journal.sqlite${part}`), { force: true });
    await world.advance();
    const { code, err } = await run.ended;
    return [
      holds("log taken away: exit 75, STATE_LOST", code === 75 && err.includes("STATE_LOST"), String(code)),
      atMost("log taken away: sent", (await sequenceOf(world)) - sequence, 0),
      atMost("log taken away: rows lost", before - journal(world, state).length, 0),
    ];
  },

  async "key rotated with a transaction open"(world, state) {
    const { key, address } = secondKey();
    await admitHotKey(world, address);
    await world.node.setBalance({ address, value: 10n ** 18n });
    await world.advance();
    await world.node.setAutomine(false);
    const old = await patientOnce(world, { TONSOR_STATE: state, TONSOR_CONFIG: "brief.json" });
    const waiting = journal(world, state).filter((one) => OPEN.includes(one.status));
    await world.node.setAutomine(true);
    await world.advance();
    const environment = { TONSOR_STATE: state, KEEPER_PRIVATE_KEY: key };
    const fresh = await patientOnce(world, environment);
    const settled = await patientOnce(world, environment);
    const rows = journal(world, state);
    const raw = /UNIQUE constraint|is open|replaces only/;
    return [
      holds("rotated: the old key's batch waits", old.code === 75 && waiting.length === 1, String(old.code)),
      holds("rotated: the new key sends", fresh.code === 0 && rows.at(-1)?.from === address, String(fresh.code)),
      holds("rotated: no raw error", !raw.test(fresh.out + fresh.err + settled.out + settled.err)),
      holds(
        "rotated: nothing is left open",
        rows.every((one) => !OPEN.includes(one.status)),
      ),
    ];
  },
};

/** State folder, nonce and key: everything that the keeper's own memory rests on gives way. */
export const stateAndNonce: ChaosRow = {
  fault: "chain halted, journal locked, folder, log or evidence gone, rebuild beside it, key rotated, reader dead",
  mark: "nothing is filled up or raised for nothing, nor sent into a lost journal, alert in a minute, exit 75 where it must start anew",
  gate: false,
  async run({ world: open, random, short, note }) {
    const world = await open();
    await world.write("patient.json", JSON.stringify({ ...PATIENT, schedule: PATIENT_SCHEDULE }));
    await world.write("brief.json", JSON.stringify({ ...PATIENT, transactions: { receiptTimeoutSeconds: 1 } }));
    const hasty = { receiptTimeoutSeconds: 1, replaceAfterSeconds: 5 };
    await world.write("hasty.json", JSON.stringify({ ...PATIENT, schedule: PATIENT_SCHEDULE, transactions: hasty }));
    const state = world.stateOf("state-and-nonce");
    await world.advance();
    await patientOnce(world, { TONSOR_STATE: state });
    const audit = await beginAudit(world);
    const findings: Finding[] = [];
    for (const [name, play] of Object.entries(CASES).slice(0, short ? 3 : undefined)) {
      note(name);
      findings.push(...(await play(world, state, random)));
    }
    await world.advance();
    const last = await patientOnce(world, { TONSOR_STATE: state });
    const cancels = journal(world, state).filter(({ kind }) => kind === "CANCEL").length;
    findings.push(atMost("transactions that only fill a nonce", cancels, 0));
    return { ledger: await audit.ledger([state], last.code === 0, "good"), findings };
  },
};

/** With a keeper that runs on the state and has had a cycle; it is stopped afterwards. */
async function running<Result>(
  world: ChaosWorld,
  state: string,
  work: (run: Child) => Promise<Result>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const own = { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json", LOG_LEVEL: "info", ...environment };
  const run = world.start("run --json", own);
  try {
    await run.until(() => cyclesOf(run).length > 0, "a first cycle");
    return await work(run);
  } finally {
    await stopped(run);
  }
}

const sequenceOf = async (world: ChaosWorld) => (await world.chain()).writer.sequence;

async function goesOn(name: string, world: ChaosWorld, sequence: number): Promise<Finding> {
  return holds(`${name}: the next batch lands`, await within(60, async () => (await sequenceOf(world)) > sequence));
}

function secondKey() {
  const account = mnemonicToAccount(TEST_MNEMONIC, { addressIndex: 8 });
  const { privateKey } = account.getHdKey();
  if (privateKey === null) throw new Error("no key");
  return { key: toHex(privateKey), address: account.address };
}
