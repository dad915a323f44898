/** How a keeper is: what the page, `/ready` and `tonsor status` say in the same words. */
export type Headline = {
  readonly state: "starting" | "running" | "paused" | "failed";
  /** "good" only while the next tightening could be sent and every value on chain is fresh. */
  readonly severity: "good" | "warning" | "critical";
  /** One plain sentence: what is not as it should be, the worst first, or that all is. */
  readonly message: string;
};

/** An answer of `/live` or `/ready`. */
export type HealthAnswer = { readonly ok: boolean; readonly reason: string };

/** What `/status` shows to an operator; documented in JSON.md. */
export type OperationsStatus = {
  readonly time: number;
  readonly version: string;
  readonly live: HealthAnswer;
  readonly ready: HealthAnswer;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly found: string }[];
  readonly killSwitches: readonly { readonly name: string; readonly reason: string }[];
  /** Newest first. */
  readonly switchChanges: readonly { readonly at: number; readonly name: string; readonly reason: string | null }[];
  readonly alerts: readonly {
    readonly name: string;
    readonly about: string;
    readonly severity: string;
    readonly reason: string;
  }[];
  readonly signer: string | null;
  readonly openTransactions: number;
  readonly lastError: string | null;
};

/** How a running keeper is; a replay that is only shown has none. */
export type Operations = {
  live(): HealthAnswer;
  ready(): HealthAnswer;
  headline(): Headline;
  /** The same for strangers: nothing of the keeper's own affairs but that something is wrong with them. */
  publicHeadline(): Headline;
  status(): OperationsStatus;
  /** Text for Prometheus with its content type. */
  metrics(): Promise<{ readonly type: string; readonly body: string }>;
};
