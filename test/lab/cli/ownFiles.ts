import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** First hour of every series below: 2022-01-01, Unix seconds. */
const START = Date.UTC(2022, 0, 1) / 1_000;

const iso = (hour: number) => new Date((START + hour * 3_600) * 1_000).toISOString();

/** Hourly closes about 100 USD that tremble by a per cent, and fall by a third within six hours on day 110. */
export function ownPrices(hours: number): readonly number[] {
  let seed = 7;
  let price = 100;
  return Array.from({ length: hours }, (_, hour) => {
    seed = (seed * 16_807) % 2_147_483_647;
    price *= Math.exp((seed / 2_147_483_647 - 0.5) * 0.02 - (hour >= 2_640 && hour < 2_646 ? 0.065 : 0));
    return price;
  });
}

/** Csv of those closes, with a volume. */
export function ownPricesCsv(hours: number): string {
  const rows = ownPrices(hours).map((price, hour) => `${iso(hour)},${price.toFixed(6)},${50_000 + (hour % 24) * 100}`);
  return `time,close,volume\n${rows.join("\n")}\n`;
}

/** Csv of a depth every four hours: so many dollars, and from an hour on so many. */
export function ownDepthCsv(hours: number, usd: number, thinUsd: number, from: number): string {
  const rows = Array.from({ length: Math.ceil(hours / 4) }, (_, n) => `${iso(4 * n)},${4 * n < from ? usd : thinUsd}`);
  return `time,depth_usd\n${rows.join("\n")}\n`;
}

/** A function that writes a file into a folder of its own and returns its path. */
export function fileWriter(): (name: string, content: string | Uint8Array) => string {
  const folder = temporaryFolder();
  return (name, content) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
}

/** A full-range Uniswap v3 pool of a token A against dollars at 100 USD, as a file's JSON, with so much on either side. */
export function ownPoolJson(usd: number): string {
  const liquidity = BigInt(Math.round(usd / 10)) * 10n ** 18n;
  return JSON.stringify({
    ...{ pool: "0x01", name: "A/USDC 0.05 %", fee: 500, tick_spacing: 10, tick: 46_054 },
    sqrt_price_x96: (10n * 2n ** 96n).toString(),
    liquidity: liquidity.toString(),
    token0: { address: "0x0a", symbol: "A", decimals: 18 },
    token1: { address: "0x0b", symbol: "USDC", decimals: 18 },
    ticks: [
      [-887_270, liquidity.toString()],
      [887_270, `-${liquidity}`],
    ],
  });
}
