import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Alert, alertMessage, toldAlert } from "../../keeper/runtime/alertMessage.ts";
import { alertReceiver, type Posted } from "../support/alertReceiver.ts";
import { deadAddress } from "../support/loopback.ts";
import { programPath, withoutProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const PAGE = "http://127.0.0.1:8640/";
const whose = { chain_id: "1", contract: `0x${"5f".repeat(20)}`, signer: `0x${"70".repeat(20)}` };
/** The ordinary, one without labels of its own, and one with what a name may hold. */
const ALERTS: readonly Alert[] = [
  { name: "TonsorMarketHalted", about: { market: "WETH" }, severity: "critical", reason: "data HALTED: no price" },
  { name: "TonsorBalanceLow", about: {}, severity: "warning", reason: "the key has 0.0100 ETH" },
  { name: "TonsorCosignerDown", about: { peer: 'a "quoted" \\ peer é' }, severity: "warning", reason: "no answer" },
];

/** Of a message what does not depend on whose it is: times in milliseconds, without receiver, address and words for a chat. */
function common(message: object) {
  const { text: _, receiver: __, externalURL: ___, alerts, ...rest } = message as Posted & { text?: string };
  const times = ({ startsAt, endsAt, ...one }: Posted["alerts"][number]) => {
    return { ...one, startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) };
  };
  return { ...rest, alerts: alerts.map(times) };
}

describe("the real Alertmanager", { skip: withoutProgram("alertmanager") }, () => {
  let receiver: Awaited<ReturnType<typeof alertReceiver>>;
  let server: ChildProcess;
  let url: string;

  before(async () => {
    receiver = await alertReceiver();
    url = await deadAddress();
    const folder = temporaryFolder();
    const file = join(folder, "alertmanager.json");
    const route = {
      receiver: "hook",
      group_by: ["..."],
      group_wait: "0s",
      group_interval: "1s",
      repeat_interval: "1h",
    };
    const receivers = [{ name: "hook", webhook_configs: [{ url: receiver.url, send_resolved: true }] }];
    writeFileSync(file, JSON.stringify({ route, receivers }));
    const listen = [`--web.listen-address=${new URL(url).host}`, "--cluster.listen-address="];
    const words = [`--config.file=${file}`, `--storage.path=${folder}`, ...listen];
    server = spawn(programPath("alertmanager") ?? "", words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    server.stderr?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-2_000);
    });
    process.once("exit", () => server.kill("SIGKILL"));
    const isReady = () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (let tries = 0; tries < 400 && server.exitCode === null; tries++) {
      if (await isReady()) return;
      await setTimeout(50);
    }
    assert.fail(`Alertmanager is not ready: ${said}`);
  });
  after(async () => {
    const gone = server.exitCode === null ? once(server, "exit") : null;
    server.kill("SIGTERM");
    await gone;
    await receiver.close();
  });

  it("posts of each alert what the keeper posts, field for field, when it begins and when it has ended", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const told = ALERTS.map((alert) => toldAlert(alert, whose, now - 60));
    for (const endsAt of [null, now - 1]) {
      const body = told.map(({ labels, annotations, startsAt }) => ({
        ...{ labels, annotations, generatorURL: PAGE, startsAt: new Date(startsAt * 1_000) },
        ...(endsAt === null ? {} : { endsAt: new Date(endsAt * 1_000) }),
      }));
      const headers = { "content-type": "application/json" };
      const taken = await fetch(`${url}/api/v2/alerts`, { method: "POST", headers, body: JSON.stringify(body) });
      assert.equal(taken.status, 200, await taken.text());
      for (let tries = 0; tries < 1_200 && receiver.taken.length < told.length; tries++) await setTimeout(50);
      const byName = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      const theirs = receiver.taken.splice(0).map(common).sort(byName);
      assert.deepEqual(theirs, told.map((one) => common(alertMessage(one, endsAt, PAGE))).sort(byName));
    }
  });
});
