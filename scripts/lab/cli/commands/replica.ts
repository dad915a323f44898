import { momentIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { Replica } from "../../replica/startReplica.ts";
import type { LabCommand } from "../services.ts";

export const replica: LabCommand = {
  name: "replica",
  summary: "a mainnet replica on loopback, until Ctrl-C: Uniswap v3, tokens and price feeds at their mainnet addresses",
  options: [
    {
      flags: "--port <number>",
      description: "port of the chain, 0 for a free one; the default is that of RPC_URL",
      fallback: 8545,
      parse: wholeNumberIn("--port", 0, 65_535),
    },
    {
      flags: "--timestamp <time>",
      description:
        "time of its first block (a date, ISO 8601 or Unix seconds), a second later with each block; left out: now, and on with the machine",
      parse: momentIn("--timestamp"),
    },
    {
      flags: "--block-time <seconds>",
      description:
        "from one block to the next, 1 to 60, for a keeper that runs for long; left out: a block per transaction",
      parse: wholeNumberIn("--block-time", 1, 60),
    },
    {
      flags: "--mainnet",
      description:
        "chain id 1, with Aave v3.6 and Morpho Blue where mainnet has them: `lab fork --fork-url` goes on from it",
      fallback: false,
    },
    { flags: "--generated", description: "generated liquidity although recorded tick maps are there", fallback: false },
  ],
  examples: [
    "lab replica",
    "lab replica --timestamp 2026-01-28T04:00:50Z",
    "lab replica --generated --block-time 3",
    "lab replica --mainnet",
  ],
  units: [
    "liquidity comes from the recorded tick maps (TONSOR_DATA, else ../shared/data), else from a generated shape",
    "the contracts it needs are compiled first; accounts are public test keys: loopback only",
  ],
  async run({ options, output, signal }) {
    const [{ holdPort }, { withDotenv }, { compileContracts }, { dataFolder }, { startReplica }, { untilAborted }] =
      await Promise.all([
        import("../../../../keeper/operations/holdPort.ts"),
        import("../../../../keeper/runtime/parseEnvironment.ts"),
        import("../../../deploy/compile.ts"),
        import("../../dataFolder.ts"),
        import("../../replica/startReplica.ts"),
        import("../../untilAborted.ts"),
      ]);
    const { port, timestamp, blockTime, generated, mainnet } = options;
    await (await holdPort(Number(port), "--port")).release();
    const started = compileContracts(output.note, signal).then(() =>
      startReplica({
        port: Number(port),
        signal,
        ...(typeof timestamp === "number" ? { timestamp, standsStill: typeof blockTime !== "number" } : {}),
        ...(mainnet === true ? { chainId: 1 } : {}),
        ...(typeof blockTime === "number" ? { blockSeconds: blockTime } : {}),
        seedFrom: generated === true ? null : dataFolder(withDotenv(process.cwd(), process.env)),
      }),
    );
    const running = await started.catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (running === null) return;
    if (mainnet === true) await withLenders(running);
    const { url, chainId, pid, addresses } = running;
    output.event({ url, chainId, pid, addresses }, () => description(running));
    await Promise.race([untilAborted(signal), running.gone]);
    if (!signal.aborted)
      throw new TonsorError("RPC_FAILED", `the node ended, process ${pid}: nothing of the chain is kept`);
    await running.close();
  },
};

async function withLenders({ url, chainId, accounts }: Replica): Promise<void> {
  const [{ putLenders }, { replicaClient }] = await Promise.all([
    import("../../fork/lenders.ts"),
    import("../../replica/node.ts"),
  ]);
  await putLenders(replicaClient(url, chainId), accounts);
}

/** What a person needs to use the mainnet replica. */
function description({ url, chainId, pid, addresses, liquidity, accounts }: Replica): string {
  const named = (group: Readonly<Record<string, string>>) =>
    Object.entries(group).map(([name, address]) => `  ${name.padEnd(18)}${address}`);
  return [
    `Mainnet replica at ${url}, chain ${chainId}, node process ${pid}`,
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
  ].join("\n");
}

function closed(residue: bigint): string {
  return residue === 0n ? "" : `; a rounding residue of ${residue} liquidity units is closed in the last tick`;
}
