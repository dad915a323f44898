/**
 * Confidence in a reading, a number in [0, 1]: the *product* of how many sources live, how old the data is and how many
 * strikes stand behind it, so that one bad factor is enough to lower it (MODEL.md section 1).
 * @param live sources accepted
 * @param expected sources configured, > 0
 * @param ageSeconds age of the volatility board by the venue's clock
 * @param strikes strikes of its thinnest slice used
 * @example confidence(3, 3, 4, 15) // 0.9333
 * @example confidence(2, 3, 20, 5) // 0.2778
 */
export function confidence(live: number, expected: number, ageSeconds: number, strikes: number): number {
  const share = expected > 0 ? Math.min(live / expected, 1) : 0;
  const age = Math.min(Math.max(1 - ageSeconds / 60, 0), 1);
  return share * age * Math.min(Math.max(strikes, 0) / 8, 1);
}
