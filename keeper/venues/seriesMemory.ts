/** Closed bars that outlive the process, by the name of their series. Neither of the two throws. */
export type SeriesMemory = {
  /** What was kept last under this name, unchecked; null when there is nothing. */
  recall(name: string): Promise<unknown>;
  /** Keeps the points in place of what was kept under this name. */
  keep(name: string, points: readonly (readonly number[])[]): Promise<void>;
};
