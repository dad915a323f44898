import { type Hex, parseAbi, parseEventLogs } from "viem";
import { type MorphoMarket, morphoAbi, morphoId } from "../lenders/morpho.ts";
import { MAINNET_ADDRESSES as AT } from "../replica/addresses.ts";
import type { Read, SimulatedChain } from "./chain.ts";
import type {
  Account,
  Borrower,
  CollateralName,
  Equation,
  Lender,
  LenderEvent,
  LenderLimits,
  Liquidation,
  Offer,
} from "./lender.ts";

const TOKEN = parseAbi(["function balanceOf(address) view returns (uint256)"]);
const ORACLE = parseAbi(["function price() view returns (uint256)"]);
const [WAD, SCALE] = [10n ** 18n, 10n ** 36n] as const;
/** SharesMathLib and ConstantsLib of Morpho Blue 1.0.0. */
const [VIRTUAL_SHARES, VIRTUAL_ASSETS] = [1_000_000n, 1n] as const;
const [CURSOR, MOST_INCENTIVE] = [3n * 10n ** 17n, 115n * 10n ** 16n] as const;
const PARTS = [1n, 2n, 4n, 8n, 16n] as const;
const [ROUNDING, ROUNDING_OF] = [9_999n, 10_000n] as const;

type Totals = readonly [supplyAssets: bigint, supplyShares: bigint, borrowAssets: bigint, borrowShares: bigint];
type Position = readonly [supplyShares: bigint, borrowShares: bigint, collateral: bigint];
type State = { readonly price: bigint; readonly totals: Totals };
/** Of one block. */
type Seen = { readonly states: Readonly<Record<CollateralName, State>>; readonly positions: readonly Position[] };

/** Morpho Blue as its users see it, one market for each collateral. */
export class MorphoLender implements Lender {
  readonly id = "morpho";
  readonly name = "Morpho Blue";
  readonly spender: Hex;
  private readonly abi = morphoAbi();
  private readonly chain: SimulatedChain;
  private readonly markets: Readonly<Record<CollateralName, MorphoMarket>>;
  private readonly names: readonly CollateralName[];
  private readonly ids: Readonly<Record<CollateralName, Hex>>;
  private readonly opened = new Map<number, Borrower>();
  private supplied = 0n;

  constructor(chain: SimulatedChain, morpho: Hex, markets: Readonly<Record<CollateralName, MorphoMarket>>) {
    this.chain = chain;
    this.spender = morpho;
    this.markets = markets;
    this.names = Object.keys(markets) as CollateralName[];
    this.ids = { WETH: morphoId(markets.WETH), WBTC: morphoId(markets.WBTC) };
  }

  async supply(from: Hex, amount: bigint): Promise<void> {
    for (const name of this.names) {
      this.supplied += amount;
      await this.send(from, "supply", [this.markets[name], amount, 0n, from, "0x"]);
    }
  }

  async open(borrower: Borrower, funder: Hex, amount: bigint): Promise<bigint> {
    const { address, collateral, wishUsd } = borrower;
    const market = this.markets[collateral];
    const { price } = (await this.see()).states[collateral];
    await this.send(funder, "supplyCollateral", [market, amount, address, "0x"]);
    const allowed = (((amount * price) / SCALE) * market.lltv * ROUNDING) / WAD / ROUNDING_OF;
    const wished = BigInt(Math.floor(wishUsd * 1e6));
    const borrowed = wished < allowed ? wished : allowed;
    this.opened.set(borrower.index, borrower);
    if (borrowed > 0n) await this.send(address, "borrow", [market, borrowed, 0n, address, address]);
    return borrowed;
  }

  async accounts(borrowers: readonly Borrower[]): Promise<readonly Account[]> {
    const { states, positions } = await this.see(borrowers);
    return borrowers.map(({ collateral }, i) =>
      accountOf(positions[i] as Position, states[collateral], this.markets[collateral].lltv),
    );
  }

  async offers(borrowers: readonly Borrower[]): Promise<readonly (readonly Offer[])[]> {
    const { states, positions } = await this.see(borrowers);
    return borrowers.map(({ collateral, address }, i) => {
      const market = this.markets[collateral];
      const [, shares, held] = positions[i] as Position;
      const { price, totals } = states[collateral];
      const wanted = { shares, held, incentive: incentiveOf(market.lltv), price, totals };
      return PARTS.map((part) => offer({ ...wanted, part, morpho: this.spender, market, address }));
    });
  }

  /** A market's LLTV never changes, and nothing lowers its price. */
  async limits(): Promise<Readonly<Record<CollateralName, LenderLimits>>> {
    const of = (name: CollateralName): LenderLimits => {
      const bps = Number((this.markets[name].lltv * 10_000n) / WAD);
      return { ltvBps: bps, thresholdBps: bps };
    };
    return { WETH: of("WETH"), WBTC: of("WBTC") };
  }

  async writtenOff(): Promise<bigint> {
    const { states } = await this.see();
    return this.supplied - this.names.reduce((sum, name) => sum + states[name].totals[0], 0n);
  }

  async liquidations(fromBlock: bigint): Promise<readonly Liquidation[]> {
    const logs = await this.chain.client.getLogs({ address: this.spender, fromBlock });
    const events = parseEventLogs({ abi: this.abi, logs, eventName: "Liquidate" }) as unknown as readonly LenderEvent[];
    return events.flatMap(({ blockNumber: block, logIndex, args }) => {
      const collateral = this.names.find((name) => this.ids[name] === args["id"]);
      if (collateral === undefined) return [];
      const [borrower, liquidator] = [args["borrower"] as Hex, args["caller"] as Hex];
      const [repaid, seized] = [args["repaidAssets"] as bigint, args["seizedAssets"] as bigint];
      return [
        { block, logIndex, collateral, borrower, liquidator, repaid, seized, badDebt: args["badDebtAssets"] as bigint },
      ];
    });
  }

  async equations(): Promise<readonly Equation[]> {
    const equations: Equation[] = [];
    const alone = this.chain.forkedFrom === null;
    let cash = 0n;
    for (const name of this.names) {
      const own = [...this.opened.values()].filter(({ collateral }) => collateral === name);
      const { states, positions } = await this.see(own);
      const { totals } = states[name];
      let [debt, held] = [0n, 0n];
      for (const [, shares, collateral] of positions) [debt, held] = [debt + shares, held + collateral];
      equations.push({ what: `Morpho, ${name}: borrow shares = their total`, left: debt, right: totals[3] });
      const right = await this.balance(AT.tokens[name]);
      if (alone) equations.push({ what: `Morpho, ${name}: collateral = what it holds`, left: held, right });
      cash += totals[0] - totals[2];
    }
    const right = await this.balance(AT.tokens.USDC);
    return alone
      ? [...equations, { what: "Morpho: USDC lent less borrowed = what it holds", left: cash, right }]
      : equations;
  }

  private send(from: Hex, name: string, args: readonly unknown[]): Promise<void> {
    return this.chain.send(from, this.spender, this.abi, name, args);
  }

  private read(name: string, ...args: readonly unknown[]): Read {
    return { to: this.spender, abi: this.abi, name, args };
  }

  private async balance(token: Hex): Promise<bigint> {
    const [found] = await this.chain.read([{ to: token, abi: TOKEN, name: "balanceOf", args: [this.spender] }]);
    return found as bigint;
  }

  /** Both markets, and the positions of these borrowers in order. */
  private async see(borrowers: readonly Borrower[] = []): Promise<Seen> {
    const { ids, markets } = this;
    const state = (name: CollateralName): readonly Read[] => [
      this.read("market", ids[name]),
      { to: markets[name].oracle, abi: ORACLE, name: "price" },
    ];
    const own = borrowers.map(({ collateral, address }) => this.read("position", ids[collateral], address));
    const answers = await this.chain.read<unknown>([...state("WETH"), ...state("WBTC"), ...own]);
    const of = (at: number): State => {
      const [totals, price] = answers.slice(at) as [Totals, bigint];
      return { totals, price };
    };
    return { states: { WETH: of(0), WBTC: of(2) }, positions: answers.slice(4) as Position[] };
  }
}

/** Health as Morpho's _isHealthy decides it, in whole units: where those are enough the account is healthy. */
function accountOf([, shares, held]: Position, { price, totals }: State, lltv: bigint): Account {
  const debt = assetsUp(shares, totals);
  const most = (((held * price) / SCALE) * lltv) / WAD;
  const ratio = Number(most) / Number(debt);
  return {
    collateralUsd: Number((held * price) / SCALE) / 1e6,
    debtUsd: Number(debt) / 1e6,
    health: debt === 0n ? Number.POSITIVE_INFINITY : most >= debt ? Math.max(1, ratio) : ratio,
  };
}

const up = (value: bigint, by: bigint) => (value + by - 1n) / by;

function assetsUp(shares: bigint, [, , assets, total]: Totals): bigint {
  return up(shares * (assets + VIRTUAL_ASSETS), total + VIRTUAL_SHARES);
}

/** Liquidation incentive factor, 1e18 = none. */
function incentiveOf(lltv: bigint): bigint {
  const factor = (WAD * WAD) / (WAD - (CURSOR * (WAD - lltv)) / WAD);
  return factor < MOST_INCENTIVE ? factor : MOST_INCENTIVE;
}

type Wanted = {
  readonly part: bigint;
  readonly shares: bigint;
  readonly held: bigint;
  readonly incentive: bigint;
  readonly price: bigint;
  readonly totals: Totals;
  readonly morpho: Hex;
  readonly market: MorphoMarket;
  readonly address: Hex;
};

/** Repays a part of the shares, or, where the collateral is worth less than that and the incentive, takes a part of it. */
function offer({ part, shares, held, incentive, price, totals, morpho, market, address }: Wanted): Offer {
  const own = shares / part;
  const repay = assetsUp(own, totals);
  const seized = (((repay * incentive) / WAD) * SCALE) / price;
  const call = { to: morpho, abi: morphoAbi(), name: "liquidate" };
  if (seized <= held) return { ...call, args: [market, address, 0n, own, "0x"], repay, seized };
  const taken = held / part;
  const paid = up(up(taken * price, SCALE) * WAD, incentive) + 1n;
  return { ...call, args: [market, address, taken, 0n, "0x"], repay: paid, seized: taken };
}
