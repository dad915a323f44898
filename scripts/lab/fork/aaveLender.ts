import { type Abi, type Hex, maxUint256, parseAbi, parseEventLogs } from "viem";
import { type AaveMarket, aaveAbi } from "../lenders/aave.ts";
import { MAINNET_ADDRESSES as AT, TOKEN_DECIMALS } from "../replica/addresses.ts";
import type { Read, SimulatedChain } from "./chain.ts";
import { holdersOf } from "./holders.ts";
import {
  type Account,
  type Borrower,
  COLLATERALS,
  type CollateralName,
  type Equation,
  type Lender,
  type LenderEvent,
  type LenderLimits,
  type Liquidation,
  type Offer,
} from "./lender.ts";

const TOKEN = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function scaledBalanceOf(address) view returns (uint256)",
  "function scaledTotalSupply() view returns (uint256)",
  "function totalSupply() view returns (uint256)",
]);
const USDC = AT.tokens.USDC;
const ASSETS: readonly Hex[] = [...COLLATERALS.map((name) => AT.tokens[name]), USDC];
const BASE = 10n ** 8n;
const BPS = 10_000n;
/** What of the debt a liquidator tries to repay, as one over it. */
const PARTS = [1n, 2n, 4n, 8n, 16n] as const;
/** Aave v3.6, LiquidationLogic: above this health and size only half of a debt may be repaid at once. */
const [HALF_ABOVE, HALF_FROM_USD] = [95n * 10n ** 16n, 2_000n * BASE] as const;
/** A loan at the very limit could be refused for the interest of a second. */
const [ROUNDING, ROUNDING_OF] = [9_999n, 10_000n] as const;

type Configured = { readonly data: bigint };
/** An account's data, its debt and collateral, the prices of collateral and USDC, and the collateral's configuration. */
type Owed = readonly [readonly bigint[], bigint, bigint, bigint, bigint, Configured];
type Config = Readonly<Record<"ltv" | "threshold" | "bonus" | "fee" | "cap", bigint>>;

/** Tokens of the reserves, in the order of `ASSETS`, and the debt token of USDC. */
type Tokens = { readonly aTokens: readonly Hex[]; readonly debt: Hex };

/** Aave as its users see it. */
export async function aaveLender(chain: SimulatedChain, { pool, oracle }: AaveMarket): Promise<Lender> {
  const abi = aaveAbi("PoolInstance");
  const found = await chain.read<Hex>([
    ...ASSETS.map((asset) => ({ to: pool, abi, name: "getReserveAToken", args: [asset] })),
    { to: pool, abi, name: "getReserveVariableDebtToken", args: [USDC] },
  ]);
  return new AaveLender(chain, pool, oracle, { aTokens: found.slice(0, -1), debt: found.at(-1) as Hex });
}

class AaveLender implements Lender {
  readonly id = "aave";
  readonly name = "Aave v3.6";
  readonly spender: Hex;
  private readonly abi = aaveAbi("PoolInstance");
  private readonly chain: SimulatedChain;
  private readonly oracle: Hex;
  private readonly tokens: Tokens;
  private readonly opened = new Map<number, Borrower>();

  constructor(chain: SimulatedChain, pool: Hex, oracle: Hex, tokens: Tokens) {
    this.chain = chain;
    this.spender = pool;
    this.oracle = oracle;
    this.tokens = tokens;
  }

  supply(from: Hex, amount: bigint): Promise<void> {
    return this.chain.send(from, this.spender, this.abi, "supply", [USDC, amount, from, 0]);
  }

  async open(borrower: Borrower, funder: Hex, amount: bigint): Promise<bigint> {
    const { chain, spender, abi } = this;
    const { address, collateral, wishUsd } = borrower;
    const { ltv, cap } = await this.config(collateral);
    if (ltv === 0n || !(await this.hasRoom(collateral, amount, cap))) return 0n;
    this.opened.set(borrower.index, borrower);
    await chain.send(funder, spender, abi, "supply", [AT.tokens[collateral], amount, address, 0]);
    const [account, price] = (await chain.read<unknown>([
      this.of("getUserAccountData", address),
      this.price(USDC),
    ])) as readonly [readonly bigint[], bigint];
    const allowed = ((account[2] ?? 0n) * 10n ** BigInt(TOKEN_DECIMALS.USDC) * ROUNDING) / price / ROUNDING_OF;
    const wished = BigInt(Math.floor(wishUsd * 1e6));
    const borrowed = wished < allowed ? wished : allowed;
    if (borrowed > 0n) await chain.send(address, spender, abi, "borrow", [USDC, borrowed, 2, 0, address]);
    return borrowed;
  }

  async accounts(borrowers: readonly Borrower[]): Promise<readonly Account[]> {
    const reads = borrowers.map(({ address }) => this.of("getUserAccountData", address));
    const answers = await this.chain.read<readonly bigint[]>(reads);
    return answers.map((answer) => ({
      collateralUsd: Number(answer[0]) / 1e8,
      debtUsd: Number(answer[1]) / 1e8,
      health: answer[5] === maxUint256 ? Number.POSITIVE_INFINITY : Number(answer[5]) / 1e18,
    }));
  }

  async offers(borrowers: readonly Borrower[]): Promise<readonly (readonly Offer[])[]> {
    const reads = borrowers.map(({ address, collateral }): readonly Read[] => [
      this.of("getUserAccountData", address),
      { to: this.tokens.debt, abi: TOKEN, name: "balanceOf", args: [address] },
      { to: this.aTokenOf(AT.tokens[collateral]), abi: TOKEN, name: "balanceOf", args: [address] },
      this.price(AT.tokens[collateral]),
      this.price(USDC),
      this.of("getConfiguration", AT.tokens[collateral]),
    ]);
    const answers = await this.chain.read<unknown>(reads.flat());
    return borrowers.map((borrower, i) => this.offersOf(borrower, answers.slice(6 * i, 6 * i + 6) as unknown as Owed));
  }

  private offersOf(
    { address, collateral }: Borrower,
    [account, debt, held, usd, usdcPrice, configured]: Owed,
  ): readonly Offer[] {
    const asset = AT.tokens[collateral];
    const [collateralBase = 0n, debtBase = 0n, , , , health = 0n] = account;
    const half = health > HALF_ABOVE && collateralBase >= HALF_FROM_USD && debtBase >= HALF_FROM_USD;
    const most = half ? debt / 2n : debt;
    const { bonus, fee } = configOf(configured);
    const one = 10n ** BigInt(TOKEN_DECIMALS[collateral] - TOKEN_DECIMALS.USDC);
    return PARTS.map((part) => {
      let repay = most / part;
      let seized = (repay * usdcPrice * one * bonus) / usd / BPS;
      if (seized > held) {
        seized = held;
        repay = (held * usd * BPS) / (usdcPrice * one * bonus) + 1n;
      }
      const extra = seized - (seized * BPS) / bonus;
      const whole = part === 1n && !half;
      const args = [asset, USDC, address, whole ? maxUint256 : repay, false];
      const call = { to: this.spender, abi: this.abi, name: "liquidationCall", args };
      return { ...call, repay, seized: seized - (extra * fee) / BPS };
    });
  }

  async limits(): Promise<Readonly<Record<CollateralName, LenderLimits>>> {
    const reads = COLLATERALS.map((name) => this.of("getConfiguration", AT.tokens[name]));
    const [WETH, WBTC] = (await this.chain.read<Configured>(reads)).map((answer) => {
      const { ltv, threshold } = configOf(answer);
      return { ltvBps: Number(ltv), thresholdBps: Number(threshold) };
    }) as [LenderLimits, LenderLimits];
    return { WETH, WBTC };
  }

  async writtenOff(): Promise<bigint> {
    return (await this.chain.read([this.of("getReserveDeficit", USDC)]))[0] as bigint;
  }

  /** The pool's liquidations; a deficit belongs to the liquidation of its borrower in the same block. */
  async liquidations(fromBlock: bigint): Promise<readonly Liquidation[]> {
    const logs = await this.chain.client.getLogs({ address: this.spender, fromBlock });
    const events = (eventName: string) =>
      parseEventLogs({ abi: this.abi as Abi, logs, eventName }) as unknown as readonly LenderEvent[];
    const deficits = new Map(
      events("DeficitCreated").map(({ blockNumber, args }) => [
        `${blockNumber} ${args["user"]}`,
        args["amountCreated"] as bigint,
      ]),
    );
    return events("LiquidationCall").flatMap(({ blockNumber: block, logIndex, args }) => {
      const collateral = COLLATERALS.find((name) => AT.tokens[name] === args["collateralAsset"]);
      if (collateral === undefined) return [];
      const [borrower, liquidator] = [args["user"] as Hex, args["liquidator"] as Hex];
      const [repaid, seized] = [args["debtToCover"] as bigint, args["liquidatedCollateralAmount"] as bigint];
      const badDebt = deficits.get(`${block} ${borrower}`) ?? 0n;
      return [{ block, logIndex, collateral, borrower, liquidator, repaid, seized, badDebt }];
    });
  }

  /** Scaled balances sum to the scaled supply, and what the pool counts as its cash is there. */
  async equations(): Promise<readonly Equation[]> {
    const { chain, tokens } = this;
    const equations: Equation[] = [];
    const names = [...COLLATERALS, "USDC"].map((name) => `a${name}`);
    for (const [i, token] of chain.forkedFrom === null ? [...tokens.aTokens, tokens.debt].entries() : []) {
      const holders = await holdersOf(chain, token);
      const [right = 0n, ...balances] = await chain.read([
        { to: token, abi: TOKEN, name: "scaledTotalSupply" },
        ...holders.map((holder): Read => ({ to: token, abi: TOKEN, name: "scaledBalanceOf", args: [holder] })),
      ]);
      const left = balances.reduce((sum, one) => sum + one, 0n);
      equations.push({ what: `Aave, ${names[i] ?? "debt in USDC"}: scaled balances = scaled supply`, left, right });
    }
    const [left = 0n, right = 0n] = await chain.read([
      this.of("getVirtualUnderlyingBalance", USDC),
      { to: USDC, abi: TOKEN, name: "balanceOf", args: [this.aTokenOf(USDC)] },
    ]);
    const cash = { what: "Aave: USDC that it counts = USDC that it holds", left, right };
    return [...equations, cash, await this.debtEquation()];
  }

  /** Aave's own account data say the debt that its debt tokens make at the oracle's price, each account rounded up. */
  private async debtEquation(): Promise<Equation> {
    const addresses = [...this.opened.values()].map(({ address }) => address);
    const data = await this.chain.read<readonly bigint[]>(addresses.map((one) => this.of("getUserAccountData", one)));
    const [price = BASE, ...debts] = await this.chain.read([
      this.price(USDC),
      ...addresses.map((one): Read => ({ to: this.tokens.debt, abi: TOKEN, name: "balanceOf", args: [one] })),
    ]);
    const unit = 10n ** BigInt(TOKEN_DECIMALS.USDC);
    return {
      what: "Aave: debt of every account by getUserAccountData = debt tokens at the oracle's price",
      left: data.reduce((sum, account) => sum + (account[1] ?? 0n), 0n),
      right: debts.reduce((sum, debt) => sum + (debt * price + unit - 1n) / unit, 0n),
    };
  }

  /** Whether so much more stays within the supply cap, whole tokens; 0: none. */
  private async hasRoom(collateral: CollateralName, amount: bigint, cap: bigint): Promise<boolean> {
    if (cap === 0n) return true;
    const token = this.aTokenOf(AT.tokens[collateral]);
    const [supplied = 0n] = await this.chain.read<bigint>([{ to: token, abi: TOKEN, name: "totalSupply", args: [] }]);
    return supplied + amount <= cap * 10n ** BigInt(TOKEN_DECIMALS[collateral]);
  }

  private of(name: string, ...args: readonly unknown[]): Read {
    return { to: this.spender, abi: this.abi, name, args };
  }

  private price(asset: Hex): Read {
    return { to: this.oracle, abi: aaveAbi("AaveOracle"), name: "getAssetPrice", args: [asset] };
  }

  private aTokenOf(asset: Hex): Hex {
    return this.tokens.aTokens[ASSETS.indexOf(asset)] as Hex;
  }

  private async config(collateral: CollateralName): Promise<Config> {
    const [answer] = await this.chain.read<Configured>([this.of("getConfiguration", AT.tokens[collateral])]);
    return configOf(answer as Configured);
  }
}

/** Fields of a reserve's configuration word. */
function configOf({ data }: Configured): Config {
  const bits = (at: bigint) => (data >> at) & 0xffffn;
  const cap = (data >> 116n) & ((1n << 36n) - 1n);
  return { ltv: bits(0n), threshold: bits(16n), bonus: bits(32n), fee: bits(152n), cap };
}
