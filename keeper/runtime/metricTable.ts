/** One metric: what it counts, its labels, and for histograms the upper bounds of its buckets. */
export type Metric = {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
};

/**
 * Every metric of the keeper. Tests hold `deployments/service/METRICS.md`, every alert and every panel to this table. Units are in the names; times are Unix seconds of the machine's clock where not said otherwise.
 */
export const METRICS = {
  tonsor_build_info: {
    type: "gauge",
    help: "always 1; what runs is in the labels",
    labels: ["version", "model_version", "chain_id", "contract"],
  },
  tonsor_tick_period_seconds: { type: "gauge", help: "seconds from one tick to the next, as configured", labels: [] },
  tonsor_live_limit_seconds: { type: "gauge", help: "without progress for this long the keeper gives up", labels: [] },
  tonsor_live: { type: "gauge", help: "1 while the keeper makes progress, as at /live", labels: [] },
  tonsor_ready: { type: "gauge", help: "1 while every check of /ready holds", labels: [] },
  tonsor_ready_check: { type: "gauge", help: "1 while this check of /ready holds", labels: ["check"] },
  tonsor_ticks_total: {
    type: "counter",
    help: "ticks that ended: done, failed or slow (asked to stop)",
    labels: ["outcome"],
  },
  tonsor_ticks_skipped_total: {
    type: "counter",
    help: "ticks that were due while an earlier one still ran",
    labels: [],
  },
  tonsor_queue_silent: {
    type: "gauge",
    help: "1 while Redis brings no ticks in time and the keeper runs them by its own clock; 0 without REDIS_URL",
    labels: [],
  },
  tonsor_tick_errors_total: { type: "counter", help: "failed ticks by error code", labels: ["code"] },
  tonsor_tick_duration_seconds: {
    type: "histogram",
    help: "how long a tick took",
    labels: [],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45, 90],
  },
  tonsor_decision_duration_seconds: {
    type: "histogram",
    help: "from the last datum to the decisions about all markets",
    labels: [],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  },
  tonsor_tick_late_seconds: {
    type: "histogram",
    help: "how late a tick began",
    labels: [],
    buckets: [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
  },
  tonsor_last_tick_timestamp_seconds: { type: "gauge", help: "when the last tick succeeded; 0: none yet", labels: [] },
  tonsor_head_block: { type: "gauge", help: "block of the last cycle", labels: [] },
  tonsor_head_age_seconds: {
    type: "gauge",
    help: "age of that block when it was read, by the keeper's clock; negative while that clock is behind the chain's",
    labels: [],
  },
  tonsor_node_up: {
    type: "gauge",
    help: "1 while a node of the RPC quorum answers and is not set aside",
    labels: ["node"],
  },
  tonsor_price_usd: { type: "gauge", help: "price of one unit of collateral", labels: ["market"] },
  tonsor_volatility_ratio: {
    type: "gauge",
    help: "volatility used, of today, a fraction a year",
    labels: ["market"],
  },
  tonsor_depth_usd: {
    type: "gauge",
    help: "collateral sellable within the slippage that the bonus pays",
    labels: ["market"],
  },
  tonsor_confidence_ratio: { type: "gauge", help: "confidence in the data, 0 to 1", labels: ["market"] },
  tonsor_data_state: {
    type: "gauge",
    help: "1 for the state that a market's data is in: NORMAL, DEGRADED, STALE or HALTED",
    labels: ["market", "state"],
  },
  tonsor_initial_haircut_ratio: {
    type: "gauge",
    help: "initial haircut, 0 to 1: of the model (target) and in force on chain",
    labels: ["market", "of"],
  },
  tonsor_maintenance_haircut_ratio: {
    type: "gauge",
    help: "maintenance haircut, 0 to 1: of the model (target) and in force on chain",
    labels: ["market", "of"],
  },
  tonsor_value_age_seconds: {
    type: "gauge",
    help: "age of the data behind the value on chain, from the end of a hold by governance",
    labels: ["market"],
  },
  tonsor_value_ttl_seconds: { type: "gauge", help: "age at which that value counts as stale", labels: ["market"] },
  tonsor_market_open: {
    type: "gauge",
    help: "1 in mode NORMAL, 0 while governance or a guardian closed it",
    labels: ["market"],
  },
  tonsor_source_up: {
    type: "gauge",
    help: "1 accepted, 0.5 accepted with faults, 0 nothing accepted",
    labels: ["market", "source"],
  },
  tonsor_source_age_seconds: { type: "gauge", help: "age by the venue's own time", labels: ["market", "source"] },
  tonsor_faults_total: { type: "counter", help: "faults of sources, by code", labels: ["source", "code"] },
  tonsor_decisions_total: { type: "counter", help: "decisions, hold or submit", labels: ["market", "action"] },
  tonsor_batches_total: {
    type: "counter",
    help: "batches by their status at the end of their tick",
    labels: ["status"],
  },
  tonsor_calibration_windows: {
    type: "gauge",
    help: "horizons over which a haircut's promise was watched, none overlapping another, within the retention",
    labels: ["market", "haircut"],
  },
  tonsor_calibration_exceeded: {
    type: "gauge",
    help: "those in which the price fell by more than was promised",
    labels: ["market", "haircut"],
  },
  tonsor_calibration_promised_ratio: {
    type: "gauge",
    help: "share of them in which it may",
    labels: ["market", "haircut"],
  },
  tonsor_calibration_evidence_ratio: {
    type: "gauge",
    help: "evidence that the promise is not kept, over what breaks it: from 1 on it is broken",
    labels: ["market", "haircut"],
  },
  tonsor_impact_held_total: {
    type: "counter",
    help: "updates that the impact gate held back for governance to decide",
    labels: ["market"],
  },
  tonsor_fees_paid_eth_total: {
    type: "counter",
    help: "ether paid for transactions in blocks, refused ones too",
    labels: [],
  },
  tonsor_transaction_inclusion_seconds: {
    type: "histogram",
    help: "from the first offer of a nonce until a transaction of it was found in a block, by the keeper's clock",
    labels: [],
    buckets: [2, 5, 12, 24, 36, 60, 120, 300, 600],
  },
  tonsor_request_duration_seconds: {
    type: "histogram",
    help: "from a request over HTTP to its whole answer or its fault; to: node, venue, signer, co-signer or receiver",
    labels: ["to", "host"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  tonsor_request_errors_total: {
    type: "counter",
    help: "requests without a whole answer of status 200, by fault: UNREACHABLE, HTTP_STATUS or TOO_LARGE",
    labels: ["to", "host", "code"],
  },
  tonsor_reverts_total: { type: "counter", help: "batches that were mined and refused, fee paid", labels: [] },
  tonsor_open_transactions: { type: "gauge", help: "transactions that wait for a block", labels: [] },
  tonsor_oldest_transaction_age_seconds: {
    type: "gauge",
    help: "age of the oldest of them, by the keeper's clock",
    labels: [],
  },
  tonsor_tightening_possible: {
    type: "gauge",
    help: "1 while the next tightening could be sent, as rehearsed in the last cycle; no line after one that failed",
    labels: [],
  },
  tonsor_tightening_obstacle: {
    type: "gauge",
    help: "1 for what stood in its way: source, signer, balance, fees, nonce, evidence or chain",
    labels: ["cause"],
  },
  tonsor_evidence_missing: {
    type: "gauge",
    help: "of the last 20 batches those whose evidence, root or part, is not in the folder",
    labels: [],
  },
  tonsor_signer_balance_eth: { type: "gauge", help: "ether of the keeper's address", labels: [] },
  tonsor_kill_switch: { type: "gauge", help: "1 while this kill switch is set", labels: ["name"] },
  tonsor_kill_switch_changes_total: { type: "counter", help: "how often it was set", labels: ["name"] },
  tonsor_notifications_total: {
    type: "counter",
    help: "webhook and dead-man calls, ok or failed",
    labels: ["to", "result"],
  },
  tonsor_cosign_peer_up: {
    type: "gauge",
    help: "1 while a co-signer answers, signs for this deployment and is one of its signers",
    labels: ["peer"],
  },
  tonsor_cosign_peer_clock_offset_seconds: {
    type: "gauge",
    help: "its clock minus this machine's",
    labels: ["peer"],
  },
  tonsor_cosign_signatures: {
    type: "gauge",
    help: "signatures of the last batch, given and needed",
    labels: ["of"],
  },
  tonsor_cosign_batches_total: {
    type: "counter",
    help: "batches by route: quorum (enough signatures), else hot (sent with the hot key) or held",
    labels: ["outcome"],
  },
  tonsor_cosign_peer_answers_total: {
    type: "counter",
    help: "what co-signers answered to this instance's batches: SIGNED, a refusal, BAD_SHARE, SILENT",
    labels: ["peer", "answer"],
  },
  tonsor_cosign_asked_total: {
    type: "counter",
    help: "what this instance answered to batches of others: SIGNED, or a refusal",
    labels: ["answer"],
  },
  tonsor_cosign_rejected_total: {
    type: "counter",
    help: "co-signing requests rejected before reading: seal, clock, repeat or other",
    labels: ["reason"],
  },
} as const satisfies Record<string, Metric>;

/** Name of a metric in `METRICS`. */
export type MetricName = keyof typeof METRICS;
