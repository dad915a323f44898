import { TonsorError } from "../domain/errors.ts";

/** An error as `--json` prints it: `{ error: ErrorReport }`. Absent facts are null. */
type ErrorReport = {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly given: string | number | boolean | null;
  readonly expected: string | null;
  readonly advice: string;
};

const UNEXPECTED = "This is a defect of the program: run again with LOG_LEVEL=debug and report what it prints.";

/** What happened, to which field, what was expected and what to do next. */
export function errorReport(error: unknown): ErrorReport {
  if (!(error instanceof TonsorError)) {
    const message = oneLine(error instanceof Error ? error.message : String(error));
    return { code: "UNEXPECTED", message, field: null, given: null, expected: null, advice: UNEXPECTED };
  }
  const { field, expected } = error.facts;
  return {
    code: error.code,
    message: what(error),
    field: field ?? null,
    given: plain(error.facts.given),
    expected: expected ?? null,
    advice: error.advice,
  };
}

/** The report for people: what, then field/given/expected where known, then the advice; one line each. */
export function errorText(report: ErrorReport): string {
  const facts = [
    report.field === null ? "" : `field ${report.field}`,
    report.given === null
      ? ""
      : `given ${typeof report.given === "string" ? JSON.stringify(report.given) : report.given}`,
    report.expected === null ? "" : `expected ${report.expected}`,
  ].filter((fact) => fact !== "");
  const lines = [`error ${report.code}: ${report.message}`];
  if (facts.length > 0) lines.push(`  ${facts.join(", ")}`);
  return [...lines, `  ${report.advice}`, ""].join("\n");
}

/** The message without the facts that TonsorError appends to it. */
function what(error: TonsorError): string {
  const { field, expected } = error.facts;
  const marks = [field === undefined ? null : `; field ${field}`, "given" in error.facts ? "; given " : null];
  if (expected !== undefined) marks.push(`; expected ${expected}`);
  const first = marks.find((mark) => mark !== null && error.message.includes(mark));
  return oneLine(first == null ? error.message : error.message.slice(0, error.message.indexOf(first)));
}

function plain(value: unknown): ErrorReport["given"] {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Lines of a list are joined so that each is still told from the next. */
function oneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/:\s*\n\s*/g, ": ")
    .replaceAll(/\s*\n\s*/g, "; ")
    .replaceAll(/\s+/g, " ");
}
