import { parseArgs } from "node:util";
import { wholeNumberIn } from "../keeper/cli/arguments.ts";
import { holdPort } from "../keeper/operations/holdPort.ts";
import { withDotenv } from "../keeper/runtime/dotenv.ts";
import { compileContracts } from "./demo/compile.ts";
import { explainFailure } from "./explainFailure.ts";
import { instant } from "./instant.ts";
import { dataFolder } from "./lab/dataFolder.ts";
import { type Replica, startReplica } from "./lab/replica/startReplica.ts";

const HELP = `Usage: node scripts/replica.ts [--port <number>] [--generated] [--timestamp <time>] [--block-time <s>] [--json]

Starts a loopback chain on which Uniswap v3, tokens and price feeds stand at their mainnet addresses, and runs until
Ctrl-C. Liquidity comes from the recorded tick maps (TONSOR_DATA, else ../shared/data) or, without them or with
--generated, from a generated shape. Needed contracts are compiled first.

  --port       port of the chain, 0 for a free one (default 8545, where RPC_URL looks)
  --timestamp  time of its first block in UTC, such as 2026-01-28T04:00:50Z (default now)
  --block-time seconds from one block to the next, 1 to 60, which a keeper that runs for long needs (default: a block with
               each transaction, and none without)
  --generated  generated liquidity although recorded data is there
  --json       print addresses as JSON`;

/** Returns what a person needs to use the replica, as lines. */
function describeReplica(replica: Replica): string[] {
  const { addresses, liquidity, accounts } = replica;
  const named = (group: Readonly<Record<string, string>>) =>
    Object.entries(group).map(([name, address]) => `  ${name.padEnd(18)}${address}`);
  return [
    `Replica of mainnet at ${replica.url}, chain ${replica.chainId}, node process ${replica.pid}`,
    ...Object.entries(liquidity).map(
      ([pool, map]) => `  ${pool.padEnd(18)}${map.ticks.length} ticks from ${map.source}${closed(map.residue)}`,
    ),
    "Pools",
    ...named(addresses.pools),
    "Tokens",
    ...named(addresses.tokens),
    "Price feeds",
    ...named(addresses.feeds),
    "Uniswap v3",
    ...named({
      factory: addresses.factory,
      quoterV2: addresses.quoterV2,
      tickLens: addresses.tickLens,
      router: addresses.router,
    }),
    "Accounts (public test keys: loopback only)",
    ...named(Object.fromEntries(Object.entries(accounts).map(([role, account]) => [role, account.address]))),
    "For a keeper in another shell, when this chain replays a time",
    `  export TONSOR_CLOCK=chain KEEPER_PRIVATE_KEY=${accounts.keeper.privateKey}`,
  ];
}

function closed(residue: bigint): string {
  return residue === 0n ? "" : `; a rounding residue of ${residue} liquidity units is closed in the last tick`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8545" },
      timestamp: { type: "string" },
      "block-time": { type: "string" },
      generated: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const port = wholeNumberIn("--port", 0, 65_535)(values.port);
  const timestamp = values.timestamp === undefined ? null : instant("--timestamp", values.timestamp) / 1000;
  const blockTime = values["block-time"];
  const blockSeconds = blockTime === undefined ? null : wholeNumberIn("--block-time", 1, 60)(blockTime);
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve(stop.abort()));
  });
  await (await holdPort(port, "--port")).release();
  try {
    await compileContracts(console.error, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return;
    throw error;
  }
  const replica = await startReplica({
    port,
    ...(timestamp === null ? {} : { timestamp }),
    ...(blockSeconds === null ? {} : { blockSeconds }),
    seedFrom: values.generated ? null : dataFolder(withDotenv(process.cwd(), process.env)),
  });
  const { url, chainId, pid, addresses } = replica;
  console.log(values.json ? JSON.stringify({ url, chainId, pid, addresses }) : describeReplica(replica).join("\n"));
  const alive = setInterval(() => {}, 60_000);
  await stopped;
  clearInterval(alive);
  await replica.close();
}

if (import.meta.main) await main().catch(explainFailure);
