import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { serviceEnvironment } from "../../../scripts/bench/keeper/serviceEnvironment.ts";
import { nodeProxy } from "../../io/quorum/nodeProxy.ts";
import { hostileAnswers as hostile } from "../../support/hostileAnswers.ts";
import { loopback } from "../../support/loopback.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { PATIENT_SCHEDULE } from "../support/chaosWorld.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";
import { worldSetBack } from "../support/worldSetBack.ts";

/** What one venue, or one node of three, does to whoever asks it. */
type Conduct = { readonly name: string; readonly answer: (response: ServerResponse, ids: readonly number[]) => void };

const CONFIG = "hostile.json";
const FLOOD = `[${"{},".repeat(3_300_000)}{}]`;
const DRIP_MS = 50;

/**
 * A keeper with three nodes and its service's limits of memory, whose third node and whose venue are asked in turn to rest
 * for a day, drip, flood just below and far above the caps, and answer what no double and no evidence can hold. A
 * tightening is due throughout.
 */
export const hostileAnswers: ChaosRow = {
  fault: "a venue that rests by Retry-After 0 to 86 400 or drips, a node that floods, drips or answers 1e999",
  mark: "tightening in 2 ticks, 0 exits, RSS < 300 MB",
  gate: true,
  async run({ seed, short, random, note }) {
    const own = await worldSetBack();
    const { world } = own;
    const findings: Finding[] = [];
    const [good, better] = await Promise.all([nodeProxy(world.replica.url), nodeProxy(world.replica.url)]);
    const ill = await misbehaving();
    const venue = await misbehaving();
    await world.write(
      CONFIG,
      JSON.stringify({ rpc: { timeoutSeconds: 3 }, schedule: { ...PATIENT_SCHEDULE, softTimeoutSeconds: 45 } }),
    );
    try {
      const all = conducts(seed, random);
      const [rest, flood, beyond] = all as [Conduct, Conduct, Conduct];
      const both = all.map((one) => [one, one] as const);
      const cases = short
        ? ([
            [rest, flood],
            [flood, beyond],
          ] as const)
        : both;
      for (const [ofVenue, ofNode] of cases) {
        const name = ofVenue === ofNode ? ofVenue.name : `venue ${ofVenue.name}, node ${ofNode.name}`;
        note(name);
        await own.setBack();
        const audit = await beginAudit(world);
        const state = world.stateOf(name.replaceAll(/\W+/g, "-"));
        venue.become(ofVenue);
        ill.become(ofNode);
        const run = world.start("run --json", {
          TONSOR_STATE: state,
          TONSOR_CONFIG: CONFIG,
          RPC_URL: undefined,
          RPC_URLS: [good, better, ill].map(({ url }) => url).join(),
          VENUE_URLS: `deribit=${venue.url}`,
          ...serviceEnvironment(),
        });
        await run.until(() => cyclesOf(run).length >= 2, "two cycles");
        const sent = (await world.chain()).writer.sequence;
        await cyclesMore(run, short ? 2 : 10);
        const peak = peakOf(run.pid);
        const { code } = await stopped(run);
        const { loosened, lost, doubled } = await audit.ledger([state], true);
        findings.push(
          holds(`${name}: tightened within 2 ticks`, sent > 0, `${sent} batches`),
          holds(`${name}: ended when it was asked to`, code === 0, String(code)),
          atMost(`${name}: most memory it ever held`, peak, 300, " MB"),
          atMost(`${name}: loosened, lost or doubled`, (loosened ?? 0) + (lost ?? 0) + (doubled ?? 0), 0),
        );
      }
      return { ledger: { liquidations: null, lost: 0, doubled: 0, loosened: 0, recovered: true }, findings };
    } finally {
      await Promise.all([good, better, ill, venue].map((one) => one.close()));
      await own.close();
    }
  },
};

function conducts(seed: number, random: () => number): readonly Conduct[] {
  const said = (body: string | Buffer) => (response: ServerResponse) => void response.end(body);
  const rests = (seconds: number): Conduct => ({
    name: `rests for ${seconds} s`,
    answer: (response) => void response.writeHead(random() < 0.5 ? 503 : 429, { "retry-after": String(seconds) }).end(),
  });
  const stream = [
    ...hostile('[{"id":0,"result":"0x7a69"},{"id":1,"result":"0x5"}]', { seed, count: 500, largest: 900_000 }),
  ];
  let next = 0;
  return [
    rests(86_400),
    { name: "floods with ten megabytes of objects", answer: said(FLOOD) },
    {
      name: "answers beyond a double",
      answer: (response, ids) =>
        response.end(`[${ids.map((id) => `{"id":${id},"result":${id === 0 ? '"0x7a69"' : "1e999"}}`).join()}]`),
    },
    {
      name: "drips",
      answer(response) {
        const timer = setInterval(() => response.write(" "), DRIP_MS);
        response.once("close", () => clearInterval(timer));
      },
    },
    {
      name: "answers all that is hostile",
      answer: (response) => void response.end(stream[next++ % stream.length]?.body),
    },
    rests(600),
    rests(0),
  ];
}

/** A server that does to whoever asks it what it was told last. */
async function misbehaving() {
  let conduct: Conduct = { name: "", answer: (response) => response.end() };
  const server = await loopback(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    const asked: unknown = body === "" ? [] : JSON.parse(body);
    const ids = Array.isArray(asked) ? asked.map((one: { id: number }) => one.id) : [];
    conduct.answer(response, ids);
  });
  return { url: server.url, become: (next: Conduct) => (conduct = next), close: () => server.close() };
}

/** Most resident memory that a process ever had, MB, as the kernel keeps it. */
function peakOf(pid: number): number {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024) / 1e6;
}
