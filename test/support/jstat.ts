import { createRequire } from "node:module";

/** The parts of jStat that tests use as an oracle; the package ships no types. */
type Distribution = {
  pdf(x: number, ...parameters: number[]): number;
  cdf(x: number, ...parameters: number[]): number;
  inv(p: number, ...parameters: number[]): number;
};

export const jStat = createRequire(import.meta.url)("jstat").jStat as {
  readonly studentt: Distribution;
  readonly normal: Distribution;
};
