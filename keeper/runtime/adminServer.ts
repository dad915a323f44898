import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import { type Answer, type AnyRoute, json, problem } from "../io/routes.ts";
import { type Served, type ServerOptions, startServer } from "../io/server.ts";
import type { Clean } from "./clean.ts";

const pauseSchema = z.strictObject({
  reason: z.string().min(1).max(200).default("paused by an admin call").describe("text: shown while it lasts"),
  until: z.string().nullable().default(null).describe("ISO time with a zone: its end; null: none"),
});

const pausedSchema = z
  .object({ reason: z.string().describe("text: the reason as it is shown from now on") })
  .meta({ title: "Paused" });
export type PauseResult = z.infer<typeof pausedSchema>;

const resumedSchema = z
  .object({
    removed: z.array(z.string().describe("text: a reason that was cleared")).readonly(),
    still: z.string().nullable().describe("text: what still stops sending, or null"),
  })
  .meta({ title: "Resumed" });
export type ResumeResult = z.infer<typeof resumedSchema>;

/** What an admin call can do. */
type AdminActions = { pause(request: z.infer<typeof pauseSchema>): PauseResult; resume(): ResumeResult };

/**
 * Listens on loopback, and nowhere else, for `POST /pause` and `POST /resume` with `Authorization: Bearer <token>`. The
 * body of a pause is JSON, `{"reason": "...", "until": "2026-02-06T12:00:00Z"}`, both optional. Anything else is refused
 * and changes nothing: 401 without the token, and as `startServer` does.
 * @throws TonsorError BAD_ARGUMENT for a port in use
 */
export function startAdminServer(
  { token, ...options }: { readonly token: string; readonly clean: Clean } & Pick<ServerOptions, "port" | "onFailed">,
  actions: AdminActions,
): Promise<Served> {
  const routes: readonly AnyRoute[] = [
    {
      method: "POST",
      path: "/pause",
      summary: "Stops sending, and keeps it stopped over restarts",
      body: pauseSchema.prefault({}),
      returns: pausedSchema,
      answer: ({ body }) => answered(() => actions.pause(body)),
    },
    {
      method: "POST",
      path: "/resume",
      summary: "Clears the pause and the submission halt",
      returns: resumedSchema,
      answer: () => answered(() => actions.resume()),
    },
  ];
  return startServer({
    ...{ ...options, host: "127.0.0.1", portField: "ADMIN_PORT", mostBytes: 4_096, routes },
    told: { title: "Admin calls of a Tonsor keeper", security: { token: { type: "http", scheme: "bearer" } } },
    guard: ({ header }) => (authorised(header("authorization"), token) ? null : NOT_ALLOWED),
  });
}

const NOT_ALLOWED = problem(401, "not allowed", "Authorization: Bearer <TONSOR_ADMIN_TOKEN>");

/** Compared by digest, so that neither time nor length says how much of a guess was right. */
function authorised(header: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}

function answered(act: () => unknown): Answer {
  try {
    return json(act());
  } catch (error) {
    if (!(error instanceof TonsorError && error.code === "BAD_ARGUMENT")) throw error;
    return problem(400, error.message, error.facts.expected ?? "another value");
  }
}
