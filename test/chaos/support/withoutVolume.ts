/**
 * The answer with a day's volume a fraction of what it is, where it is a history's: selling takes far longer, and both haircuts
 * are far higher. @example withoutVolume(answer, path, 1_000)
 */
export function withoutVolume(answer: string, path: string, divisor: number): string {
  if (!path.includes("get_tradingview_chart_data")) return answer;
  const parsed = JSON.parse(answer) as { result?: { volume?: readonly number[] } };
  if (parsed.result?.volume === undefined) return answer;
  const volume = parsed.result.volume.map((coins) => coins / divisor);
  return JSON.stringify({ ...parsed, result: { ...parsed.result, volume } });
}
