import type { z } from "zod";
import type { healthSchema, operationsSchema } from "./schemas.ts";

/** How a keeper is: what the page, `/ready` and `tonsor status` say in the same words. */
export type Headline = {
  readonly state: "starting" | "running" | "paused" | "failed";
  /** "good" only while the next tightening could be sent and every value on chain is fresh. */
  readonly severity: "good" | "warning" | "critical";
  /** One plain sentence: what is not as it should be, the worst first, or that all is. */
  readonly message: string;
};

/** An answer of `/live` or `/ready`. */
export type HealthAnswer = z.infer<typeof healthSchema>;

/** What `/status` shows to an operator. */
export type OperationsStatus = z.infer<typeof operationsSchema>;

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
