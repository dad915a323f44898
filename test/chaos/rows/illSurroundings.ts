import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateKeyToAddress } from "viem/accounts";
import { admitHotKey, removeAccount, setModes } from "../../support/powers.ts";
import { smallDisk } from "../../support/smallDisk.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { openPager } from "../support/pager.ts";
import { cyclesMore, cyclesOf, PATIENT, patientOnce, stopped, within } from "../support/running.ts";

/** What the keeper stands on gives way: its power, the contract's markets, its ether, its disk, its journal. */
export const illSurroundings: ChaosRow = {
  fault: "key removed, contract paused, wallet empty, disk full, store corrupt",
  mark: "<= 1 paid revert, one clear error with advice, rebuild from chain",
  gate: true,
  async run({ world: open, random, short, note }) {
    const world = await open();
    const state = world.stateOf("ill");
    const environment = { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json" };
    await world.write("patient.json", JSON.stringify(PATIENT));
    const account = privateKeyToAddress(world.key);
    await world.advance();
    await patientOnce(world, environment);
    const audit = await beginAudit(world);
    const findings: Finding[] = [];
    const said = async (name: string, words: RegExp, code: number) => {
      await world.advance();
      const sequence = (await world.chain()).writer.sequence;
      const { out, err, code: given } = await patientOnce(world, environment);
      findings.push(holds(`${name}: names it with advice`, words.test(out + err)));
      findings.push(holds(`${name}: exit code ${code}`, given === code, String(given)));
      findings.push(holds(`${name}: nothing is sent`, (await world.chain()).writer.sequence === sequence));
    };
    note("key removed");
    await removeAccount(world, account);
    await said("key removed", /NotAllowed: 0x\w{40} has no power to do this\. \w/, 75);
    await admitHotKey(world, account);

    if (!short) {
      note("contract paused");
      findings.push(...(await paused(world, state)));
      note("wallet empty");
      const balance = await world.node.getBalance({ address: account });
      await world.node.setBalance({ address: account, value: 1n });
      await said("wallet empty", /ether|balance|funds/i, 75);
      await world.node.setBalance({ address: account, value: balance });
    }
    note("disk full");
    const space = await diskFull(world, findings);

    note("store corrupt");
    const file = join(state, "journal.sqlite");
    const before = journal(world, state).length;
    const bytes = readFileSync(file);
    const from = 4_096 * (1 + Math.floor(random() * 2));
    writeFileSync(file, bytes.fill(0xa5, from, Math.max(from + 4_096, Math.floor(bytes.length * 0.9))));
    const broken = await patientOnce(world, environment);
    findings.push(
      holds("corrupt: refused with the command that mends it", /tonsor rebuild/.test(broken.out + broken.err)),
    );
    const rebuilt = await world.tonsor("rebuild --json", environment);
    findings.push(holds("corrupt: rebuild ends with 0", rebuilt.code === 0, String(rebuilt.code)));
    findings.push(
      holds(
        "corrupt: the damaged file is kept",
        readdirSync(state).filter((one) => one.startsWith("journal.sqlite.2")).length > 0,
      ),
    );
    await world.advance();
    const back = await patientOnce(world, environment);
    const intents = journal(world, state);
    findings.push(holds("corrupt: every transaction on chain is in it again", intents.length >= before));
    const reverted = intents.filter((intent) => intent.status === "REVERTED").length;
    findings.push(atMost("paid reverts", reverted, 1));
    return { ledger: await audit.ledger([state, ...space], back.code === 0, "good"), findings };
  },
};

/** Governance freezes all markets under a keeper that runs: it may go on tightening, says so once, and goes on afterwards. */
async function paused(world: ChaosWorld, state: string): Promise<readonly Finding[]> {
  const pager = await openPager();
  const run = world.start("run --json", {
    TONSOR_STATE: state,
    TONSOR_CONFIG: "patient.json",
    ALERT_WEBHOOK_URL: pager.url,
    LOG_LEVEL: "info",
  });
  const lines = (words: RegExp) =>
    run
      .said()
      .err.split("\n")
      .filter((line) => words.test(line));
  const stored = async () => (await world.chain()).markets.map((one) => one.storedInitialBps);
  try {
    await cyclesMore(run, 1);
    const before = await stored();
    await setModes(world, "FROZEN");
    await run.until(() => lines(/nothing loosens/).length > 0, "the word that the markets are frozen");
    await world.advance();
    await cyclesMore(run, 3);
    const during = await stored();
    const alerted = await within(60, () => pager.fired().includes("TonsorKillSwitchSet"));
    await setModes(world, "NORMAL");
    const { sequence } = (await world.chain()).writer;
    await world.advance();
    const goesOn = await within(60, async () => (await world.chain()).writer.sequence > sequence);
    const said = lines(/nothing loosens/);
    return [
      holds(
        "paused: named once, with each market",
        said.length === 1 && /WETH FROZEN.*WBTC FROZEN/.test(said[0] ?? ""),
      ),
      holds("paused: alerts, with a runbook", alerted && pager.runbooks().some((one) => one.endsWith("killswitchset"))),
      atMost("paused: haircuts lowered", during.filter((bps, n) => bps < (before[n] ?? 0)).length, 0),
      holds("paused: goes on when the markets are open again", goesOn),
    ];
  } finally {
    await stopped(run);
    await pager.close();
  }
}

/** A keeper on a disk that fills while it runs; it holds, says so, and goes on by itself when there is space. */
async function diskFull(world: ChaosWorld, findings: Finding[]): Promise<readonly string[]> {
  const disk = smallDisk(12_000);
  if (typeof disk === "string") {
    findings.push({ what: "disk full", value: `not tried: ${disk}`, mark: "tried", met: true });
    return [];
  }
  const state = join(disk.folder, "state");
  mkdirSync(state);
  try {
    const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: "patient.json", LOG_LEVEL: "info" });
    await run.until(() => cyclesOf(run).length >= 2, "two cycles on the small disk");
    disk.fill();
    await run.until(({ err }) => /disk is full/.test(err), "the error of a full disk");
    const sequence = (await world.chain()).writer.sequence;
    await world.advance();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    findings.push(holds("disk full: nothing is sent", (await world.chain()).writer.sequence === sequence));
    disk.free();
    await cyclesMore(run, 2);
    findings.push(holds("disk full: goes on by itself", (await world.chain()).writer.sequence > sequence));
    await stopped(run);
    const kept = `${world.stateOf("ill")}-disk`;
    cpSync(state, kept, { recursive: true });
    return [kept];
  } finally {
    disk.close();
  }
}
