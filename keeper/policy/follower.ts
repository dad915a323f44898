/** The contract's Follower.sol, in the same integers. */
const DAY = 86_400n;
const NANO = 1_000_000_000n;

/** Speeds of a follower, basis points a day. */
export type FollowerSpeeds = { readonly tightenSpeedBpsPerDay: number; readonly loosenSpeedBpsPerDay: number };

/**
 * Where a value stands `elapsedSeconds` after it stood at `fromNanoBps`, in 1e-9 bp: on its way to the target at a
 * limited speed, never past it. The way covered is rounded down, so settling often is never faster than settling once,
 * and slower by less than 1e-9 bp a time.
 * @example followNanoBps(1_800_000_000_000n, 1_850_000_000_000n, 14_400, speeds) // 1_825_000_000_000n at 150 bp a day
 */
export function followNanoBps(
  fromNanoBps: bigint,
  targetNanoBps: bigint,
  elapsedSeconds: number,
  speeds: FollowerSpeeds,
): bigint {
  const seconds = BigInt(elapsedSeconds);
  if (targetNanoBps >= fromNanoBps) {
    const way = (BigInt(speeds.tightenSpeedBpsPerDay) * NANO * seconds) / DAY;
    return way < targetNanoBps - fromNanoBps ? fromNanoBps + way : targetNanoBps;
  }
  const way = (BigInt(speeds.loosenSpeedBpsPerDay) * NANO * seconds) / DAY;
  return way < fromNanoBps - targetNanoBps ? fromNanoBps - way : targetNanoBps;
}

/** Whole basis points, rounded up: against the borrower. @example nanoToBpsUp(1_800_000_000_001n) // 1801 */
export function nanoToBpsUp(nanoBps: bigint): number {
  return Number((nanoBps + NANO - 1n) / NANO);
}
