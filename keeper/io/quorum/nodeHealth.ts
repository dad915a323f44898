/** Why a node's answers do not count for a while. */
export const QUARANTINES = {
  LAGS: "its latest block is behind the elected one",
  AHEAD: "it claims blocks that the others do not have, and the elected one is fresh",
  FORKED: "at the elected height it has another block",
  WRONG_CHAIN: "it answers for another chain",
  DISAGREES: "it gave an answer that the quorum does not share",
} as const;

/** Name of a reason in `QUARANTINES`. */
type Quarantine = keyof typeof QUARANTINES;

/** A node as seen from here. `silent` is how often in a row it did not answer; silence alone is no quarantine. */
export type NodeStatus = {
  readonly name: string;
  readonly quarantine: Quarantine | null;
  /** What was seen, in words; empty while nothing is wrong. */
  readonly detail: string;
  /** Its latest block when it last answered, or null. */
  readonly head: number | null;
  readonly silent: number;
};

/** The memory of one node's conduct. */
export type NodeHealth = {
  votes(): boolean;
  status(name: string): NodeStatus;
  heard(head: number): void;
  unheard(reason: string): void;
  quarantine(reason: Quarantine, detail: string): void;
  /** The node, in quarantine, was right in this election. */
  right(): void;
  /** It was not. */
  wrong(): void;
};

/** A node that has disagreed often must be right at most so many times as often before it counts again. */
const MOST_PATIENCE = 64;

/**
 * The conduct of a node. In quarantine it is only watched, and counts again after `restMs` by a monotonic clock, once it
 * was right in `readmitAfter` elections in a row; each disagreement doubles that number, so that a node that lies now and then does not come and go.
 */
export function nodeHealth(readmitAfter: number, restMs: number, nowMs = () => performance.now()): NodeHealth {
  let since = 0;
  let quarantined: Quarantine | null = null;
  let detail = "";
  let head: number | null = null;
  let silent = 0;
  let rightInARow = 0;
  let patience = 1;
  return {
    votes: () => quarantined === null,
    status: (name) => ({ name, quarantine: quarantined, detail, head, silent }),
    heard(number) {
      head = number;
      silent = 0;
      if (quarantined === null) detail = "";
    },
    unheard(reason) {
      silent += 1;
      rightInARow = 0;
      if (quarantined === null) detail = reason;
    },
    quarantine(reason, words) {
      if (reason === "DISAGREES" && quarantined === null) patience = Math.min(patience * 2, MOST_PATIENCE);
      if (quarantined === null) since = nowMs();
      quarantined = reason;
      detail = words;
      rightInARow = 0;
    },
    right() {
      rightInARow += 1;
      if (nowMs() - since < restMs) return;
      if (quarantined === null || rightInARow < readmitAfter * Math.max(1, patience / 2)) return;
      quarantined = null;
      detail = "";
    },
    wrong() {
      rightInARow = 0;
    },
  };
}
