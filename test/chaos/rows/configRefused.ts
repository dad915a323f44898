import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDeployData } from "viem";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, send, write } from "../../../scripts/lab/replica/node.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { type ChaosWorld, PATIENT } from "../support/chaosWorld.ts";
import { patientOnce, within } from "../support/running.ts";
import { shuffled } from "../support/shuffled.ts";

/** A record changed in one way, and the paths that the refusal is to name. */
type Mistake = {
  readonly name: string;
  readonly change: (record: Deployment) => unknown;
  readonly paths: readonly string[];
};

/** Everything that an operator can get wrong before the start. */
export const configRefused: ChaosRow = {
  fault: "config typo, bounds crossed, wrong chain, swapped feeds, duplicate asset, dev key on mainnet",
  mark: "refuses to start, every problem at once with its path",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const audit = await beginAudit(world);
    const findings: Finding[] = [...(await everythingAtOnce(world, random)), ...(await wrongChain(world))];
    const mistakes = [...offline(), ...(await onChain(world))];
    const chosen = short ? mistakes.filter(({ name }) => /^swapped feeds|^duplicate asset/.test(name)) : mistakes;
    for (const { name, change, paths } of shuffled(chosen, random)) {
      note(name);
      const folder = join(world.folder, `wrong-${findings.length}`);
      mkdirSync(folder);
      writeFileSync(
        join(folder, `${world.deployment.chainId}.json`),
        JSON.stringify(change(structuredClone(world.deployment))),
      );
      const environment = { TONSOR_DEPLOYMENTS: folder, TONSOR_STATE: world.stateOf(`wrong-${findings.length}`) };
      for (const command of short ? ["run"] : ["run", "once"]) {
        const { code, err } = await refusal(world, command, environment);
        const unnamed = paths.filter((path) => !err.includes(path));
        findings.push(holds(`${name}: ${command} exits with 78`, code === 78, String(code)));
        findings.push(holds(`${name}: ${command} names ${paths.join(", ")}`, unnamed.length === 0));
        if (unnamed.length > 0 || code !== 78) note(err.slice(-1_500));
      }
      const doctor = await world.tonsor("doctor", environment);
      const told = doctor.out.replaceAll(/\s+/g, " ");
      findings.push(
        holds(`${name}: doctor names it too`, doctor.code === 1 && paths.every((path) => told.includes(path))),
      );
    }
    findings.push(atMost("batches sent by any of them", (await audit.applied()).length, 0));
    // So many starts take minutes on a busy machine; what the first of them would have read is old by now.
    await world.advance();
    const right = await patientOnce(world, { TONSOR_STATE: world.stateOf("right"), TONSOR_CONFIG: PATIENT });
    const sends = right.code === 0 && (await audit.applied()).length === 1;
    findings.push(holds("with everything right it starts and sends", sends, String(right.code)));
    if (!sends) note(`${right.out}${right.err}`.slice(0, 3_000));
    const ledger = await audit.ledger([world.stateOf("right")], right.code === 0, "good");
    return { ledger, findings };
  },
};

/** How a command that should refuse ended; one that starts all the same is ended, without a code. */
async function refusal(world: ChaosWorld, command: string, environment: Record<string, string>) {
  const child = world.start(command, environment);
  let over = false;
  void child.ended.then(() => {
    over = true;
  });
  await within(240, () => over);
  child.kill("SIGKILL");
  return child.ended;
}

/** Variables and file wrong at once: all of it in one answer, and no secret in it. */
async function everythingAtOnce(world: ChaosWorld, random: () => number): Promise<readonly Finding[]> {
  const typo = ["TONSOR_PAUSE", "TONSOR_STAT", "KEEPER_PRIVATE_KY"][Math.floor(random() * 3)] ?? "TONSOR_PAUSE";
  const peers = ["http://10.0.0.2:8642", "http://10.0.0.2:8642"];
  const file = { markets: ["WETH", "DOGE", "WETH"], schedule: { hardTimeoutSeconds: 2 }, cosign: { peers } };
  await world.write("crossed.json", JSON.stringify(file));
  const wrong = { [typo]: "1", STATUS_PORT: "99999", CHAIN_ID: "1", TONSOR_CONFIG: "crossed.json" };
  const many = await world.tonsor("run", wrong);
  const mainnet = await world.tonsor("run", { CHAIN_ID: "1" });
  const paths = [
    typo,
    "STATUS_PORT",
    "markets: given DOGE",
    "markets.2",
    "schedule.hardTimeoutSeconds",
    "cosign.peers",
    "KEEPER_PRIVATE_KEY",
    "deployments/1.json",
  ];
  const secret = world.key.slice(2);
  return [
    holds("exit code of a wrong configuration is 78", many.code === 78, String(many.code)),
    ...paths.map((path) => holds(`names ${path}`, many.err.includes(path))),
    holds("a plaintext key on mainnet is refused", mainnet.code === 78, String(mainnet.code)),
    holds("the key stands in no answer", ![many, mainnet].some((one) => one.err.includes(secret))),
  ];
}

async function wrongChain(world: ChaosWorld): Promise<readonly Finding[]> {
  const other = await spawnAnvil({ chainId: 1 });
  try {
    const found: Finding[] = [];
    for (const TONSOR_CLOCK of ["chain", "wall"]) {
      const { code, err } = await refusal(world, "run", { RPC_URL: other.url, TONSOR_CLOCK });
      found.push(holds(`a node of another chain, ${TONSOR_CLOCK} clock: exit code 78`, code === 78, String(code)));
      found.push(holds(`a node of another chain, ${TONSOR_CLOCK} clock: named`, err.includes("WRONG_CHAIN")));
    }
    return found;
  } finally {
    await other.close();
  }
}

/** What the record alone shows. */
function offline(): readonly Mistake[] {
  return [
    {
      name: "duplicate asset",
      change: (record) => ({
        ...record,
        markets: record.markets.map((one, n) =>
          n === 1 ? { ...one, collateral: record.markets[0]?.collateral } : one,
        ),
      }),
      paths: ["markets.1.collateral"],
    },
    {
      name: "duplicate market, id and name",
      change: (record) => ({ ...record, markets: [...record.markets, record.markets[0]] }),
      paths: ["markets.2.id", "markets.2.name", "markets.2.collateral"],
    },
    {
      name: "bounds crossed in two classes",
      change: (record) => ({
        ...record,
        classes: record.classes.map((one) => ({
          ...one,
          limits: {
            ...one.limits,
            minInitialBps: one.limits.maxInitialBps + 1,
            minMaintenanceBps: one.limits.maxMaintenanceBps + 1,
          },
        })),
      }),
      paths: ["classes.0.limits.minInitialBps", "classes.0.limits.minMaintenanceBps", "classes.1.limits.minInitialBps"],
    },
    {
      name: "one feed for two assets, and a pool left out",
      change: ({ sources, ...record }) => ({
        ...record,
        sources: {
          ...sources,
          pools: { "USDC/WETH-0.05%": sources.pools["USDC/WETH-0.05%"] },
          feeds: { WETH: sources.feeds["WETH"], WBTC: sources.feeds["WETH"] },
        },
      }),
      paths: ["sources.feeds.WBTC", "sources.pools.WBTC/WETH-0.3%"],
    },
  ];
}

/** What only the chain shows. */
async function onChain(world: ChaosWorld): Promise<readonly Mistake[]> {
  const { feeds } = world.deployment.sources;
  const usd = await priceOf(world, feeds["WETH"] as `0x${string}`);
  const inverse = await ownFeed(world, "USD / ETH", 18, 10n ** 26n / usd);
  const mute = await ownFeed(world, "ETH / USD", 18, 10n ** 26n / usd);
  const withFeeds =
    (change: Record<string, string>) =>
    ({ sources, ...record }: Deployment) => ({
      ...record,
      sources: { ...sources, feeds: { ...sources.feeds, ...change } },
    });
  return [
    {
      name: "swapped feeds",
      change: withFeeds({ WETH: feeds["WBTC"] ?? "", WBTC: feeds["WETH"] ?? "" }),
      paths: ["sources.feeds.WETH", "sources.feeds.WBTC"],
    },
    {
      name: "a feed with base and quote exchanged",
      change: withFeeds({ WETH: inverse }),
      paths: ["sources.feeds.WETH"],
    },
    { name: "the same under the right name", change: withFeeds({ WETH: mute }), paths: ["sources.feeds.WETH"] },
    {
      name: "market ids exchanged",
      change: (record) => ({
        ...record,
        markets: record.markets.map((one, n, all) => ({ ...one, id: all[1 - n]?.id })),
      }),
      paths: ["markets.0.id", "markets.1.id"],
    },
    {
      name: "swapped pools",
      change: ({ sources, ...record }) => {
        const [[a, first], [b, second]] = Object.entries(sources.pools) as [[string, string], [string, string]];
        return { ...record, sources: { ...sources, pools: { [a]: second, [b]: first } } };
      },
      paths: ["sources.pools"],
    },
  ];
}

const feedArtifact = () => ownArtifact("test/mocks/MockPriceFeed");

async function priceOf({ node }: ChaosWorld, address: `0x${string}`): Promise<bigint> {
  const { abi } = feedArtifact();
  const round = await node.readContract({ address, abi, functionName: "latestRoundData" });
  return (round as readonly bigint[])[1] ?? 0n;
}

/** A price feed of this description and answer on the replica. */
async function ownFeed(
  { node, replica }: ChaosWorld,
  description: string,
  decimals: number,
  answer: bigint,
): Promise<string> {
  const { abi, bytecode } = feedArtifact();
  const from = replica.accounts.trader.address;
  const data = encodeDeployData({ abi, bytecode, args: [description, decimals] } as never);
  const [feed] = await mined(node, [await send(node, { from, data })]);
  if (feed == null) throw new Error("the feed was not deployed");
  await write(node, from, feed, abi, "setAnswer", [answer]);
  return feed;
}
