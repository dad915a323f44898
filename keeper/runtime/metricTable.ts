/** One metric: what it counts, its labels, and for histograms the upper bounds of its buckets. */
export type Metric = {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
};

const gauge = (help: string, ...labels: string[]): Metric => ({ type: "gauge", help, labels });
const counter = (help: string, ...labels: string[]): Metric => ({ type: "counter", help, labels });
const histogram = (help: string, buckets: number[], ...labels: string[]): Metric => {
  return { type: "histogram", help, labels, buckets };
};

/**
 * Every metric of the keeper, and of the watcher (`tonsor challenge`). Tests hold `deployments/service/METRICS.md`, every alert and every panel to this table. Units are in the names; times are Unix seconds of the machine's clock where not said otherwise.
 */
export const METRICS = {
  tonsor_build_info: gauge("always 1; what runs is in the labels", "version", "model_version", "chain_id", "contract"),
  tonsor_tick_period_seconds: gauge("seconds from one tick to the next, as configured"),
  tonsor_live_limit_seconds: gauge("without progress for this long the keeper gives up"),
  tonsor_live: gauge("1 while the keeper makes progress, as at /live"),
  tonsor_ready: gauge("1 while every check of /ready holds"),
  tonsor_ready_check: gauge("1 while this check of /ready holds", "check"),
  tonsor_ticks_total: counter("ticks that ended: done, failed or slow (asked to stop)", "outcome"),
  tonsor_ticks_skipped_total: counter("ticks that were due while an earlier one still ran"),
  tonsor_queue_silent: gauge(
    "1 while Redis brings no ticks in time and the keeper runs them by its own clock; 0 without REDIS_URL",
  ),
  tonsor_tick_errors_total: counter("failed ticks by error code", "code"),
  tonsor_tick_duration_seconds: histogram("how long a tick took", [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45, 90]),
  tonsor_decision_duration_seconds: histogram(
    "from the last datum to the decisions about all markets",
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  ),
  tonsor_tick_late_seconds: histogram("how late a tick began", [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5]),
  tonsor_last_tick_timestamp_seconds: gauge("when the last tick succeeded; 0: none yet"),
  tonsor_head_block: gauge("block of the last cycle"),
  tonsor_head_age_seconds: gauge(
    "age of that block when it was read, by the keeper's clock; negative while that clock is behind the chain's",
  ),
  tonsor_node_up: gauge("1 while a node of the RPC quorum answers and is not set aside", "node"),
  tonsor_price_usd: gauge("price of one unit of collateral", "market"),
  tonsor_volatility_ratio: gauge("volatility used, of today, a fraction a year", "market"),
  tonsor_depth_usd: gauge("collateral sellable within the slippage that the bonus pays", "market"),
  tonsor_confidence_ratio: gauge("confidence in the data, 0 to 1", "market"),
  tonsor_data_state: gauge(
    "1 for the state that a market's data is in: NORMAL, DEGRADED, STALE or HALTED",
    "market",
    "state",
  ),
  tonsor_initial_haircut_ratio: gauge(
    "initial haircut, 0 to 1: of the model (target) and in force on chain",
    "market",
    "of",
  ),
  tonsor_maintenance_haircut_ratio: gauge(
    "maintenance haircut, 0 to 1: of the model (target) and in force on chain",
    "market",
    "of",
  ),
  tonsor_exposure_limit_tokens: gauge(
    "exposure limit, whole tokens: of the model (target; no line without a price) and in force on chain",
    "market",
    "of",
  ),
  tonsor_target_met_in_seconds: gauge(
    "until the chain's initial, maintenance or limit is where the model wants it, at the present speeds; 0 where it is, no line while something holds it",
    "market",
    "of",
  ),
  tonsor_tighten_only: gauge(
    "1 while the contract takes nothing looser of a market: the writer tripped, or a guardian holds its class",
    "market",
  ),
  tonsor_value_age_seconds: gauge(
    "age of the data behind the value on chain, from the end of a hold by governance",
    "market",
  ),
  tonsor_value_ttl_seconds: gauge("age at which that value counts as stale", "market"),
  tonsor_market_open: gauge("1 in mode NORMAL, 0 while governance or a guardian closed it", "market"),
  tonsor_source_up: gauge("1 accepted, 0.5 accepted with faults, 0 nothing accepted", "market", "source"),
  tonsor_source_age_seconds: gauge("age by the venue's own time", "market", "source"),
  tonsor_faults_total: counter("faults of sources, by code", "source", "code"),
  tonsor_decisions_total: counter("decisions, hold or submit", "market", "action"),
  tonsor_batches_total: counter("batches by their status at the end of their tick", "status"),
  tonsor_calibration_windows: gauge(
    "horizons over which a haircut's promise was watched, none overlapping another, within the retention",
    "market",
    "haircut",
  ),
  tonsor_calibration_exceeded: gauge("those in which the price fell by more than was promised", "market", "haircut"),
  tonsor_calibration_promised_ratio: gauge("share of them in which it may", "market", "haircut"),
  tonsor_calibration_evidence_ratio: gauge(
    "evidence that the promise is not kept, over what breaks it: from 1 on it is broken",
    "market",
    "haircut",
  ),
  tonsor_impact_held_total: counter("updates that the impact gate held back for governance to decide", "market"),
  tonsor_lender_differs_seconds: gauge(
    "for how long a lender has had other numbers than its agent would set; 0 while it agrees or its threshold steps",
    "lender",
    "market",
  ),
  tonsor_lender_book_read: gauge("1 while a lender's book can be read, 0 while a named fault keeps it", "lender"),
  tonsor_liquidatable_usd: gauge(
    "collateral of the accounts that are liquidatable after this fall of the price, a fraction; no line while a book of the market is not read",
    "market",
    "fall",
  ),
  tonsor_largest_borrower_usd: gauge("collateral of the account that has most of it and owes something", "market"),
  tonsor_collateral_held_tokens: gauge("what lenders hold of a collateral, whole tokens and fractions", "market"),
  tonsor_limit_used_ratio: gauge("what lenders hold of a collateral, over the exposure limit on chain", "market"),
  tonsor_fees_paid_eth_total: counter("ether paid for transactions in blocks, refused ones too"),
  tonsor_transaction_inclusion_seconds: histogram(
    "from the first offer of a nonce until a transaction of it was found in a block, by the keeper's clock",
    [2, 5, 12, 24, 36, 60, 120, 300, 600],
  ),
  tonsor_request_duration_seconds: histogram(
    "from a request over HTTP to its whole answer or its fault; to: node, venue, signer, co-signer or receiver",
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    "to",
    "host",
  ),
  tonsor_request_errors_total: counter(
    "requests without a whole answer of status 200, by fault: UNREACHABLE, HTTP_STATUS or TOO_LARGE",
    "to",
    "host",
    "code",
  ),
  tonsor_reverts_total: counter("batches that were mined and refused, fee paid"),
  tonsor_open_transactions: gauge("transactions that wait for a block"),
  tonsor_oldest_transaction_age_seconds: gauge("age of the oldest of them, by the keeper's clock"),
  tonsor_tightening_possible: gauge(
    "1 while the next tightening could be sent, as rehearsed in the last cycle; no line after one that failed",
  ),
  tonsor_tightening_obstacle: gauge(
    "1 for what stood in its way: source, signer, balance, fees, nonce, evidence or chain",
    "cause",
  ),
  tonsor_evidence_missing: gauge("of the last 20 batches those whose evidence, root or part, is not in the folder"),
  tonsor_evidence_not_mirrored: gauge("mined batches whose evidence is not in TONSOR_MIRROR yet; 0 without one"),
  tonsor_signer_balance_eth: gauge("ether of the address that signs"),
  tonsor_kill_switch: gauge("1 while this kill switch is set", "name"),
  tonsor_kill_switch_changes_total: counter("how often it was set", "name"),
  tonsor_notifications_total: counter(
    "calls of webhooks (alerts: webhook; ramps) and of the dead man's switch, ok or failed",
    "to",
    "result",
  ),
  tonsor_challenges_total: counter(
    "transactions by which the watcher closes, by what became of them: SET, WAITS, UNSENT, or REFUSED, also before it was sent",
    "market",
    "proof",
    "outcome",
  ),
  tonsor_challenge_possible: gauge("1 while the watcher could close what the chain proves, as its last look found"),
  tonsor_challenges_affordable: gauge(
    "challenges that the watcher's ether pays for, each at twice the base fee of its last look",
  ),
  tonsor_proven_open: gauge(
    "1 for a market that the chain proves stale, diverged or moved and that is open all the same; no line for any other",
    "market",
    "proof",
  ),
  tonsor_cosign_peer_up: gauge(
    "1 while a co-signer answers, signs for this deployment and is one of its signers",
    "peer",
  ),
  tonsor_cosign_peer_clock_offset_seconds: gauge("its clock minus this machine's", "peer"),
  tonsor_cosign_signatures: gauge("signatures of the last batch, given and needed", "of"),
  tonsor_cosign_batches_total: counter(
    "batches by route: quorum (enough signatures), else hot (sent with the hot key) or held",
    "outcome",
  ),
  tonsor_cosign_peer_answers_total: counter(
    "what co-signers answered to this instance's batches: SIGNED, a refusal, BAD_SHARE, SILENT",
    "peer",
    "answer",
  ),
  tonsor_cosign_asked_total: counter(
    "what this instance answered to batches of others: SIGNED, or a refusal",
    "answer",
  ),
  tonsor_cosign_rejected_total: counter(
    "co-signing requests rejected before reading: seal, clock, repeat or other",
    "reason",
  ),
} satisfies Record<string, Metric>;

/** Name of a metric in `METRICS`. */
export type MetricName = keyof typeof METRICS;

const WATCHERS_ALONE: readonly MetricName[] = [
  "tonsor_challenges_total",
  "tonsor_challenge_possible",
  "tonsor_challenges_affordable",
  "tonsor_proven_open",
];

/** Which metrics a process serves: a gauge that nobody sets would be 0, and alerts read it. */
export const SERVED_BY: Readonly<Record<"keeper" | "watcher", readonly MetricName[]>> = {
  keeper: (Object.keys(METRICS) as MetricName[]).filter((name) => !WATCHERS_ALONE.includes(name)),
  watcher: [
    "tonsor_build_info",
    "tonsor_tick_period_seconds",
    "tonsor_live_limit_seconds",
    "tonsor_live",
    "tonsor_ready",
    "tonsor_ticks_total",
    "tonsor_ticks_skipped_total",
    "tonsor_tick_errors_total",
    "tonsor_tick_duration_seconds",
    "tonsor_tick_late_seconds",
    "tonsor_last_tick_timestamp_seconds",
    "tonsor_head_block",
    "tonsor_head_age_seconds",
    "tonsor_node_up",
    "tonsor_request_duration_seconds",
    "tonsor_request_errors_total",
    "tonsor_signer_balance_eth",
    "tonsor_notifications_total",
    ...WATCHERS_ALONE,
  ],
};
