/**
 * The answer with every record of a board written at `time`, Unix seconds: a venue that goes on answering with the same
 * market, so that the market stands still while the world's time passes. One option's volatility moves by at most a
 * hundredth of a point, as a venue that lives never repeats itself to the last digit.
 */
export function redated(answer: string, time: number): string {
  return answer
    .replace(/"mark_iv":(\d+(?:\.\d+)?)/, (_, iv) => `"mark_iv":${(Number(iv) + (time % 97) / 1e4).toFixed(6)}`)
    .replaceAll(/"creation_timestamp":\d+/g, `"creation_timestamp":${time * 1_000}`);
}
