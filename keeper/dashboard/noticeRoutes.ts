import { z } from "zod";
import type { ChainView } from "../domain/cycle.ts";
import { NOTICE_STATES } from "../domain/position.ts";
import { type AnyRoute, json, problem, type Route } from "../io/routes.ts";
import { noticeSchema, rampsSchema } from "./noticeSchema.ts";
import { type Ramps, rampsOf } from "./ramp.ts";
import type { DashboardData } from "./status.ts";

/** Notice to borrowers: every ramp, and what one account has to expect. None where no keeper reads a chain. */
export function noticeRoutes({ notice }: DashboardData, inTurn: boolean): readonly AnyRoute[] {
  if (notice === undefined) return [];
  const rampsAt = remembered(rampsOf);
  const ramps: Route = {
    ...{ method: "GET", path: "/api/ramps", returns: rampsSchema, inTurn },
    summary: "Every ramp of maintenance in force, to the minute",
    answer() {
      const chain = notice.chain();
      return chain === null ? NOT_READ : json(rampsAt(chain));
    },
  };
  const account: Route<{ account: string }> = {
    ...{ method: "GET", path: "/api/notice/{account}", returns: noticeSchema, inTurn },
    summary: "When an account becomes liquidatable at each lender by the ramps in force, at unmoved prices",
    values: z.object({ account: z.string().regex(/^0x[0-9a-fA-F]{40}$/) }),
    answer({ values }) {
      const found = notice.of(values.account);
      if (found === null) return NOT_READ;
      const lenders = found.lenders.map((one) => ({ ...one, words: NOTICE_STATES[one.state] }));
      return json({ form: "tonsor.notice.v1", ...found, lenders } satisfies z.infer<typeof noticeSchema>);
    },
  };
  return [ramps, account];
}

const NOT_READ = problem(
  503,
  "nothing has been read yet",
  "a keeper after its first cycle, and for accounts a record with lenders",
);

/** Made once a view of the chain, however many ask. */
function remembered(make: (chain: ChainView) => Ramps): (chain: ChainView) => Ramps {
  const made = new WeakMap<ChainView, Ramps>();
  return (chain) => {
    const ramps = made.get(chain) ?? make(chain);
    made.set(chain, ramps);
    return ramps;
  };
}
