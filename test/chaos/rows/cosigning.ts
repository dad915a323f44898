import { existsSync } from "node:fs";
import { join } from "node:path";
import { proposalOf } from "../../../keeper/cosign/cosigner.ts";
import type { AppliedBatch } from "../../../keeper/domain/contract.ts";
import { MODEL_VERSION } from "../../../keeper/pipeline.ts";
import { chainClient } from "../../../keeper/protocols/client.ts";
import { readBatches } from "../../../keeper/protocols/events.ts";
import { sealHeaders } from "../../support/cosignSeal.ts";
import { entriesOf } from "../../support/entries.ts";
import { type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal, OPEN } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { cyclesOf, within } from "../support/running.ts";
import { type SigningReplica, startSigningReplicas } from "../support/signingReplicas.ts";

/** Given to a machine with other work; what is judged is what landed, not when. */
const PATIENCE = 400;

/**
 * Three keepers sign for a quorum that needs two. One is killed, one sees a market twice as wild and so decides
 * far other values, the two honest ones are cut off from one another; requests are forged and sent twice.
 */
export const cosigning: ChaosRow = {
  fault: "three co-signers: one killed, one lying, honest ones partitioned; forged and repeated requests",
  mark: "below the threshold nothing is sent and an alert rises; with 2 of 3 it goes on; one effect per intent",
  gate: false,
  async run({ world: begin, random, note }) {
    const world = await begin();
    await world.advance();
    const audit = await beginAudit(world);
    const liarsVenue = await httpFaultProxy(world.venueUrl);
    const change = wilder();
    liarsVenue.rule = () => ({ change });
    const replicas = await startSigningReplicas(world);
    const states = replicas.all.map(({ state }) => state);
    const findings: Finding[] = [];
    const gateway = world.deployment.gateways.quorum?.address;
    const sequence = async () => (await world.chain(gateway)).writer.sequence;
    /** Moves the market and says whether a batch landed because of it. */
    const lands = async (): Promise<boolean> => {
      const before = await sequence();
      await world.advance();
      return within(PATIENCE, async () => (await sequence()) > before);
    };
    const order = [...replicas.all].sort(() => random() - 0.5) as [SigningReplica, SigningReplica, SigningReplica];
    const [victim, honest, other] = order;
    try {
      const { blockNumber: first } = await world.chain();
      findings.push(holds("with three of three a batch lands", await lands()));

      note(`${victim.name} is killed`);
      victim.child.kill("SIGKILL");
      await victim.child.ended;
      findings.push(holds("with two of three a batch lands", await lands()));
      const missed = await within(PATIENCE, async () =>
        alerts(await honest.page("/status")).includes("TonsorCosignerDown"),
      );
      findings.push(holds("the one that is dead is an alert of the others", missed));

      note(`${victim.name} comes back and lies`);
      await victim.restart(liarsVenue.url);
      const lies = await sequence();
      await looks(victim, 1);
      findings.push(holds("beside a liar a batch lands", await lands()));

      note(`${honest.name} and ${other.name} are cut off from one another`);
      replicas.link(honest, other, "swallow");
      const cut = await sequence();
      await world.advance();
      const alarmed = await within(PATIENCE, async () => {
        const pages = await Promise.all([honest, other].map((one) => one.page("/status")));
        return pages.some((page) => alerts(page).includes("TonsorCosignShort"));
      });
      await Promise.all([honest, other].map((one) => looks(one, 2)));
      findings.push(holds("below the threshold an alert rises", alarmed));
      findings.push(holds("below the threshold nothing is sent", (await sequence()) === cut));

      for (const finding of await forgeries(world, honest, replicas.secret)) findings.push(finding);
      findings.push(holds("forged and repeated requests change nothing", (await sequence()) === cut));

      note("the network is mended");
      replicas.link(honest, other, "pass");
      const healed = await within(PATIENCE, async () => (await sequence()) > cut);
      findings.push(holds("it goes on by itself when the network is back", healed));

      const open = () => states.flatMap((state) => journal(world, state)).filter(({ status }) => OPEN.includes(status));
      findings.push(holds("all settle what they sent", await within(PATIENCE, async () => open().length === 0)));

      const applied = await batchesSince(world, first);
      // Only who proposed a batch has its evidence.
      const proposed = (evidence: string) => existsSync(join(victim.state, "evidence", `${evidence}.json.gz`));
      const lied = applied.filter((batch) => batch.sequence > lies && proposed(batch.evidence));
      findings.push(
        holds(
          "every batch came through the signer quorum's gateway",
          applied.every(({ writer }) => writer.toLowerCase() === gateway?.toLowerCase()),
        ),
      );
      findings.push(holds("no batch of the liar's landed", lied.length === 0, `${lied.length} of ${applied.length}`));
      await replicas.close();
      return { ledger: await audit.ledger(states, healed, "good"), findings };
    } finally {
      await replicas.close();
      await liarsVenue.close();
    }
  },
};

/** Waits until a replica has looked so often more. */
async function looks({ child }: SigningReplica, more: number): Promise<void> {
  const before = cyclesOf(child).length;
  if (await within(PATIENCE, () => cyclesOf(child).length >= before + more)) return;
  throw new Error(`${more} more looks were not seen: ${child.said().err.slice(-1_000)}`);
}

/**
 * Candles whose every return is twice what it was, ending at the price that the board names: both haircuts are far higher.
 * @returns what changes the venue's answers, in the order in which they are given
 */
function wilder(): (answer: string, passing: { readonly path: string }) => string {
  let price: number | null = null;
  const twice = (close: number) => (price === null ? close : close ** 2 / price);
  return (answer, { path }) => {
    const parsed = JSON.parse(answer) as { result?: unknown };
    if (path.includes("get_book_summary_by_currency")) {
      const [option] = parsed.result as readonly { readonly estimated_delivery_price: number }[];
      price ??= option?.estimated_delivery_price ?? null;
    }
    if (!path.includes("get_tradingview_chart_data")) return answer;
    const candles = parsed.result as Readonly<Record<string, readonly number[]>>;
    const moved = ["open", "high", "low", "close"].map((field) => [field, candles[field]?.map(twice)]);
    return JSON.stringify({ ...parsed, result: { ...candles, ...Object.fromEntries(moved) } });
  };
}

function alerts(status: string): readonly string[] {
  return (JSON.parse(status) as { alerts: readonly { name: string }[] }).alerts.map(({ name }) => name);
}

async function batchesSince(world: ChaosWorld, block: bigint): Promise<readonly AppliedBatch[]> {
  const { chainId, contract } = world.deployment;
  const client = chainClient({ chainId, rpc: world.replica.url });
  const range = { fromBlock: block + 1n, toBlock: await client.getBlockNumber() };
  return await readBatches(client, contract.address, range);
}

/** Requests that no replica made, sent to one of them: what it answers, and whether it counts them. */
async function forgeries(world: ChaosWorld, to: SigningReplica, secret: string): Promise<readonly Finding[]> {
  const { chainId, contract, gateways } = world.deployment;
  const place = { chainId, gateway: gateways.quorum?.address ?? "0x", parameters: contract.address } as const;
  const chain = await world.chain(place.gateway);
  // A point looser than what is stored, as a thief of the secret would like it.
  const stored = chain.markets.find(({ marketId }) => marketId === 1);
  if (stored === undefined) throw new Error("the contract lists a market");
  const { storedInitialBps, ...same } = stored;
  const entries = entriesOf([{ ...same, initialBps: storedInitialBps - 100, asOf: chain.blockTime }]);
  const body = proposalOf(place, {
    ...{ sequence: BigInt(chain.writer.sequence) + 1n, deadline: chain.blockTime + 200 },
    ...{ modelVersion: MODEL_VERSION, evidence: `0x${"ee".repeat(32)}`, entries },
  });
  const send = async (sealedWith: string, nonce: string) => {
    const message = { method: "POST", path: "/cosign", time: String(Math.floor(Date.now() / 1_000)), nonce, body };
    const headers = sealHeaders(sealedWith, message);
    const response = await fetch(`${to.url}/cosign`, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };
  const forged = await send(`${secret}.`, "0".repeat(32));
  const thief = await send(secret, "1".repeat(32));
  const repeated = await send(secret, "1".repeat(32));
  const metrics = await to.page("/metrics");
  const counted = (reason: string) =>
    new RegExp(`^tonsor_cosign_rejected_total\\{reason="${reason}"\\} [1-9]`, "m").test(metrics);
  return [
    holds("a request with another secret is refused", forged.status === 401, String(forged.status)),
    holds("a request seen before is refused", repeated.status === 409, String(repeated.status)),
    holds(
      "a looser batch sealed with the right secret is not signed",
      thief.text.includes('"refused"'),
      thief.text.slice(0, 80),
    ),
    holds("both are counted", counted("seal") && counted("repeat")),
  ];
}
