import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";

export const pause: CommandSpec = {
  name: "pause",
  summary: "stop sending, now and after a restart, until a time or until `resume`; reading and deciding go on",
  options: [
    { flags: "--until <time>", description: "ISO time with a zone at which it ends by itself; absent: never" },
    { flags: "--reason <text>", description: "shown by status, log, metrics and journal", fallback: "paused by hand" },
  ],
  examples: [
    'tonsor pause --reason "node upgrade"',
    'tonsor pause --until 2026-02-06T12:00:00Z --reason "node upgrade"',
  ],
  units: ["times in UTC; writes the file PAUSED in the state folder, which any tool may write or remove as well"],
  async run({ services, options, output }) {
    const { until, reason } = options;
    const result = await (await services()).pause({
      reason: String(reason),
      until: typeof until === "string" ? until : null,
    });
    output.result(result, () => `Nothing is sent from now on: ${result.reason}. \`tonsor resume\` ends it.`);
  },
};

export const resume: CommandSpec = {
  name: "resume",
  summary: "clear a pause and the submission halt; says what still keeps the keeper from sending",
  examples: ["tonsor resume", "tonsor resume --json"],
  units: ["exit code 1 when something still stops it"],
  async run({ services, output }) {
    const result = await (await services()).resume();
    const removed = result.removed.length === 0 ? "Nothing was paused here." : `Cleared: ${result.removed.join("; ")}.`;
    const still =
      result.still === null ? "Nothing keeps the keeper from sending." : `It still does not send: ${result.still}.`;
    output.result(result, () => `${removed} ${still}`);
    return result.still === null ? EXIT.ok : EXIT.failed;
  },
};
