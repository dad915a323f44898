import { encodeFunctionData, type Hex, maxUint256 } from "viem";
import { lensCall } from "../../../keeper/impact/lenders/aaveV3/lens.ts";
import { openLenders } from "../../../keeper/impact/lenders/lenders.ts";
import { openRpc } from "../../../keeper/io/rpc.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";
import { oneNode } from "../../../keeper/protocols/client.ts";
import { type AaveWorld, aaveWorld } from "../../../test/support/lenderWorld.ts";
import { aaveAbi } from "../../lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../lab/replica/addresses.ts";
import { ownArtifact } from "../../lab/replica/artifacts.ts";
import type { Row } from "./keeperRows.ts";

/** Transactions of one block, and what each may take. */
const [A_BLOCK, TRANSACTION_GAS] = [100, 600_000];
const ETHER = 10n ** 18n;
/** No look of the bench is cut off. */
const BUDGET_MS = 600_000;

const accountAt = (i: number): Hex => `0x${(0xb0770000 + i).toString(16).padStart(40, "0")}`;

/**
 * Reads the book of a real Aave v3.6 with so many borrowers, each with one collateral and one debt: by a keeper that knows none
 * of them, and by the same one a block later. Time, processor time of this process (the node has its own), questions and gas.
 */
export async function bookRows(borrowers: number, note: (text: string) => void): Promise<readonly Row[]> {
  const world = await aaveWorld();
  try {
    await fill(world, borrowers, note);
    return await measure(world, borrowers);
  } finally {
    await world.close();
  }
}

async function fill({ replica, client, aave }: AaveWorld, borrowers: number, note: (text: string) => void) {
  const [erc20, pool] = [ownArtifact("test/mocks/MockERC20").abi, aaveAbi("PoolInstance")];
  const rich = replica.accounts.trader.address;
  const ask = oneNode(replica.url, replica.chainId, 60_000);
  const data = (abi: typeof pool, functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi, functionName, args });
  const gas = `0x${TRANSACTION_GAS.toString(16)}`;
  const send = (from: Hex, to: Hex, input: Hex, nonce?: number) => {
    const own = nonce === undefined ? {} : { nonce: `0x${nonce.toString(16)}` };
    return ask.request({ method: "eth_sendTransaction", params: [{ from, to, data: input, gas, ...own }] });
  };
  await client.setBlockGasLimit({ gasLimit: BigInt(2 * A_BLOCK * TRANSACTION_GAS) });
  await client.setBalance({ address: rich, value: 10n ** 24n });
  await ask.request({ method: "anvil_autoImpersonateAccount", params: [true] });
  const most = ETHER * BigInt(borrowers);
  await send(rich, AT.tokens.WETH, data(erc20, "mint", [rich, 2n * most]));
  await send(rich, AT.tokens.WETH, data(erc20, "approve", [aave.pool, maxUint256]));
  await client.setAutomine(false);
  let nonce = await client.getTransactionCount({ address: rich });
  for (let done = 0; done < borrowers; done += A_BLOCK) {
    const some = Array.from({ length: Math.min(A_BLOCK, borrowers - done) }, (_, i) => accountAt(done + i));
    await Promise.all(
      some.flatMap((account) => [
        ask.request({ method: "anvil_setBalance", params: [account, "0xde0b6b3a7640000"] }),
        send(rich, aave.pool, data(pool, "supply", [AT.tokens.WETH, ETHER / 10n, account, 0]), nonce++),
      ]),
    );
    await client.mine({ blocks: 1 });
    // 10 to 99 dollars on a tenth of an ether.
    const owe = (i: number) => BigInt(10 + ((done + i) % 90)) * 1_000_000n;
    const borrow = (account: Hex, i: number) => data(pool, "borrow", [AT.tokens.USDC, owe(i), 2, 0, account]);
    await Promise.all(some.map((account, i) => send(account, aave.pool, borrow(account, i))));
    await client.mine({ blocks: 1 });
    if (done % 2_000 === 0) note(`${done + some.length} of ${borrowers} borrowers`);
  }
  await client.setAutomine(true);
}

async function measure({ replica, client, aave, deployment }: AaveWorld, borrowers: number): Promise<readonly Row[]> {
  const node = oneNode(replica.url, replica.chainId, 60_000);
  let questions = 0;
  const counted: typeof node = {
    request: (one) => {
      questions += one.method === "eth_chainId" ? 0 : 1;
      return node.request(one);
    },
  };
  const rpc = openRpc({ url: counted, chainId: replica.chainId, timeoutMs: 60_000 });
  const store = openJournal(":memory:", { chainId: replica.chainId, contract: deployment.contract.address });
  const ask = counted.request as Parameters<typeof openLenders>[0]["ask"];
  const look = async () => {
    const read = openLenders({ deployment, rpc, ask, store, budgetMs: BUDGET_MS });
    const block = await rpc.block("latest");
    questions = 0;
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const seen = await read?.(block);
    const { user, system } = process.cpuUsage(cpu);
    const [state] = seen?.states ?? [];
    if (state?.borrowers !== borrowers)
      throw new Error(`${state?.borrowers} borrowers, not ${borrowers}: ${state?.fault}`);
    return { seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6, questions };
  };
  await client.mine({ blocks: 100 });
  const cold = await look();
  await client.mine({ blocks: 1 });
  const later = await look();
  store.close();
  const row = (what: string, unit: string, measured: number, most?: number): Row => {
    return { what, unit, measured: [measured], ...(most === undefined ? {} : { most }) };
  };
  return [
    row(`book of ${borrowers} borrowers, cold`, "s", cold.seconds, 20),
    row("  processor of the keeper", "s", cold.cpu),
    row("  questions to the node", "", cold.questions),
    row("the same, a block later", "s", later.seconds, 2),
    row("  processor of the keeper", "s", later.cpu),
    row("  questions to the node", "", later.questions),
    row("lens, gas of an account", "gas", await lensGas({ client, aave })),
  ];
}

/** Gas of one account of a thousand in a call of the lens: the node's estimate, less that of the bare data. */
async function lensGas({ client, aave }: Pick<AaveWorld, "client" | "aave">): Promise<number> {
  const tokens = await Promise.all(
    [AT.tokens.WETH, AT.tokens.WBTC, AT.tokens.USDC].map(async (asset) => {
      const of = (functionName: string) =>
        client.readContract({ address: aave.pool, abi: aaveAbi("PoolInstance"), functionName, args: [asset] });
      const [aToken, debtToken] = [await of("getReserveAToken"), await of("getReserveVariableDebtToken")];
      return { aToken: aToken as Hex, debtToken: debtToken as Hex };
    }),
  );
  const estimate = async (count: number) => {
    const { to, data, code } = lensCall(
      aave.pool,
      tokens,
      Array.from({ length: count }, (_, i) => accountAt(i)),
    );
    const params = [{ to, data }, "latest", { [to]: { code } }];
    return Number(await client.request({ method: "eth_estimateGas", params } as never));
  };
  return ((await estimate(200)) - (await estimate(100))) / 100;
}
