import type { Hex } from "../../../keeper/domain/batch.ts";
import { type Refusal, refuse } from "./state.ts";

/** What an account may be allowed. */
export type Role = "governance" | "keeper" | "quorum" | "guardian" | "challenger" | "lister";

/** Who calls, when, and with which roles. */
export type Caller = { readonly address: Hex; readonly roles: ReadonlySet<Role>; readonly now: number };

/** The refusal of a caller without the role, null when it has it. */
export function lacks(caller: Caller, role: Role): { readonly refused: Refusal } | null {
  return caller.roles.has(role) ? null : refuse("AccessControlUnauthorizedAccount", caller.address);
}
