import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { impliedVolatility } from "../../../keeper/model/options/impliedVolatility.ts";
import { ANSWERS } from "../../../test/model/options/impliedVolatilityAnswers.ts";
import { blackPrice } from "../../lab/blackPrice.ts";
import { type Bench, best, type Figure } from "./figure.ts";

const require = createRequire(import.meta.url);
const npm = {
  invert: (
    require("implied-volatility") as {
      getImpliedVolatility(price: number, s: number, k: number, t: number, r: number, kind: "call" | "put"): number;
    }
  ).getImpliedVolatility,
  price: (
    require("black-scholes") as {
      blackScholes(s: number, k: number, t: number, v: number, r: number, kind: "call" | "put"): number;
    }
  ).blackScholes,
};

type Problem = {
  readonly kind: "call" | "put";
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
  readonly price: number;
  readonly vol: number;
};

const COUNT = 100_000;
/** The package needs up to a thousand times as long: fewer are timed, and the time is scaled up. */
const COUNT_NPM = 200;
const COUNT_PYTHON = 20_000;
const PER_SECOND = 1_000_000;

/** Implied volatilities of out-of-the-money options like those of a board, against npm packages and QuantLib. */
export const inversion: Bench = {
  title: `Implied volatility: ${COUNT.toLocaleString("en")} out-of-the-money prices, one core`,
  async run({ runs, pythons }) {
    const problems = board();
    const solve = ({ kind, forward, strike, years, price }: Problem) => {
      const found = impliedVolatility({ kind, forward, strike, years, price });
      return found.ok ? found.vol : Number.NaN;
    };
    const ours = await best(runs, () => sumOf(problems, solve));
    const rate = (1000 * COUNT) / ours;
    const exact = known();
    const figures: Figure[] = [];
    const line = (name: string, ms: number, vols: (set: readonly Problem[]) => readonly number[]) =>
      figures.push({
        what: "inversion",
        ms: ours,
        peer: { name, ms },
        note: `answers within 1e-12 of 60-digit arithmetic: ours ${good(exact, exact.map(solve))}, theirs ${good(exact, vols(exact))} of ${exact.length}`,
        aim: { text: ">= 1 M/s", met: rate >= PER_SECOND },
      });

    const byNpm = ({ kind, forward, strike, years, price }: Problem) =>
      npm.invert(price, forward, strike, years, 0, kind);
    const few = problems.slice(0, COUNT_NPM);
    const npmMs = (await best(1, () => sumOf(few, byNpm))) * (COUNT / COUNT_NPM);
    line("npm implied-volatility", npmMs, (set) => set.map(byNpm));
    const quantLib = quantLibRun(pythons, problems.slice(0, COUNT_PYTHON));
    const ql = pythons.map((python) => quantLibRun([python], exact)).find((found) => found !== null);
    if (quantLib !== null) {
      line("QuantLib by Python", quantLib.ms * (COUNT / COUNT_PYTHON), () => ql?.vols ?? []);
    }
    const price = ({ kind, forward, strike, years, vol }: Problem) =>
      blackPrice({ kind, forward, strike, years, volatility: vol });
    const byScholes = ({ kind, forward, strike, years, vol }: Problem) =>
      npm.price(forward, strike, years, vol, 0, kind);
    figures.push({
      what: "pricing",
      ms: await best(runs, () => sumOf(problems, price)),
      peer: {
        name: "npm black-scholes",
        ms: (await best(1, () => sumOf(problems.slice(0, 2_000), byScholes))) * (COUNT / 2_000),
      },
    });
    return figures.map((figure, i) =>
      i === 0 ? { ...figure, note: `${(rate / 1e6).toFixed(2)} million a second; ${figure.note}` } : figure,
    );
  },
};

/** Prices of a day to a year, 20 to 150 %, within three deviations, from a fixed sequence. */
function board(): readonly Problem[] {
  let state = 12_345;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return Array.from({ length: COUNT }, () => {
    const years = Math.exp(Math.log(1 / 365) * next());
    const vol = 0.2 + 1.3 * next();
    const forward = 100;
    const strike = forward * Math.exp((2 * next() - 1) * 3 * vol * Math.sqrt(years));
    const kind = strike > forward ? "call" : "put";
    return { kind, forward, strike, years, vol, price: blackPrice({ kind, forward, strike, years, volatility: vol }) };
  });
}

function known(): readonly Problem[] {
  return Object.values(ANSWERS)
    .flat()
    .map(([kind, forward, strike, years, price, vol]) => ({ kind, forward, strike, years, price, vol }));
}

function good(problems: readonly Problem[], vols: readonly number[]): number {
  return problems.filter(({ vol }, i) => Math.abs((vols[i] ?? Number.NaN) / vol - 1) <= 1e-12).length;
}

function sumOf(problems: readonly Problem[], solve: (problem: Problem) => number): number {
  let sum = 0;
  for (const problem of problems) sum += solve(problem);
  return sum;
}

const PROGRAM = `
import json, sys, time
import QuantLib as ql
rows = json.load(sys.stdin)
kinds = {"call": ql.Option.Call, "put": ql.Option.Put}
def solve(row):
    kind, forward, strike, root, price = row
    try:
        return ql.blackFormulaImpliedStdDev(kind, strike, forward, price, 1.0, 0.0, 0.5 * root, 1e-14, 1000) / root
    except Exception:
        return None
cases = [(kinds[r["kind"]], r["forward"], r["strike"], r["years"] ** 0.5, r["price"]) for r in rows]
start = time.perf_counter()
vols = [solve(case) for case in cases]
print(json.dumps({"ms": 1000 * (time.perf_counter() - start), "vols": vols}))
`;

/** QuantLib's own inversion, called from Python once an option; null where it is not installed. */
function quantLibRun(pythons: readonly string[], problems: readonly Problem[]) {
  for (const python of pythons) {
    const done = spawnSync(python, ["-c", PROGRAM], { input: JSON.stringify(problems), encoding: "utf8" });
    if (done.status !== 0) continue;
    const { ms, vols } = JSON.parse(done.stdout) as { ms: number; vols: readonly (number | null)[] };
    return { ms, vols: vols.map((vol) => vol ?? Number.NaN) };
  }
  return null;
}
