/**
 * Text of somebody else on one line, as it may be shown and stored: control characters (terminal escapes among them) and
 * marks that turn the direction of writing become spaces, halves of surrogate pairs U+FFFD; what is long is cut.
 * @example plainWords("\u001b[2Jgone\u0007") // " [2Jgone "
 */
export function plainWords(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most - 3)}...` : text;
  return cut.replaceAll(UNPRINTABLE, " ").toWellFormed();
}

/** C0, DEL, C1, the line ends of Unicode, and the marks of direction by which a line reads otherwise than it is. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What of a web address may be a secret: user, password, and everything after the host; each as it is written there and
 * as it reads decoded, and user and password as a header carries them.
 * @example addressSecrets("https://node.example/v2/access-key") // ["/v2/access-key", "access-key"]
 */
export function addressSecrets(url: string): readonly string[] {
  const { username, password, pathname, search, searchParams } = new URL(url);
  const basic = username === "" && password === "" ? [] : [credentialsOf(url)];
  const written = [username, password, pathname, search, ...basic];
  const parts = [...pathname.split("/"), ...searchParams.values()].filter((part) => part.length >= SHORTEST_KEY);
  const decoded = [...written, ...parts].map(decode);
  return [...new Set([...written, ...parts, ...decoded])].filter((secret) => secret.length > 3);
}

/** A shorter part of a path is a word of it, such as "mainnet". */
const SHORTEST_KEY = 8;

/** User and password of an address as the header `Authorization: Basic` carries them. */
export function credentialsOf(url: string): string {
  const { username, password } = new URL(url);
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${decode(username)}:${decode(password)}`)));
}

/**
 * What goes to a terminal or its log, without controls that are not ours: colours, and a line that is written again. Line
 * ends and tabs stay. @example forTerminal("\u001b[31mred\u001b[0m\u001b]0;title\u0007") // the colours, and " ]0;title "
 */
export function forTerminal(text: string): string {
  return text.replaceAll(OURS_OR_CONTROL, (found) => (found.length > 1 ? found : " "));
}

/** "\r" and erasing to the end of the line, as a progress bar does; a colour; any other control. */
const ESCAPE = String.fromCharCode(0x1b);
const OURS_OR_CONTROL = new RegExp(
  `\\r${ESCAPE}\\[K|${ESCAPE}\\[[\\d;]*m|(?![\\n\\t])[\\p{Cc}\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]`,
  "gu",
);

/** A text, and it as a JSON string has it, that string as another one has it, and so on. */
function quotings(text: string, deep: number): readonly string[] {
  return deep === 0 ? [text] : [text, ...quotings(JSON.stringify(text).slice(1, -1), deep - 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Returns `text` with each secret replaced: in either case of its letters, as it is or as JSON in JSON has it;
 * and what is left of one that was cut: its first half and more, or eight characters and more before "...".
 * @example redact("posted to /hooks/0123456789", ["/hooks/0123456789"]) // "posted to [secret]"
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret !== "").flatMap((one) => quotings(one, 3));
  // Most texts hold none, and are long.
  const lower = text.toLowerCase();
  const met = [...new Set(forms)].filter((form) => lower.includes(form.slice(0, SHORTEST_KEY).toLowerCase()));
  const whole = met.reduce((clean, form) => clean.replaceAll(new RegExp(literal(form), "gi"), "[secret]"), text);
  return met.reduce((clean, form) => {
    const enough = Math.max(12, Math.ceil(form.length / 2));
    return clean.replaceAll(beginningOf(form), (found, at: number, all: string) => {
      const isCut = found.length >= SHORTEST_KEY && all.startsWith("...", at + found.length);
      return found.length >= enough || isCut ? "[secret]" : found;
    });
  }, whole);
}

/** Matches as much as there is of a text, from its first eight characters on. */
function beginningOf(text: string): RegExp {
  const rest = [...text.slice(SHORTEST_KEY)].reduceRight((inner, one) => `(?:${literal(one)}${inner})?`, "");
  return new RegExp(literal(text.slice(0, SHORTEST_KEY)) + rest, "gi");
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "a folder",
  EACCES: "a file that may not be read",
};

/** What was found in place of a file, plain or gzip, that could not be read. @example unreadable({ code: "EISDIR" }) // "a folder" */
export function unreadable(cause: unknown): string {
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  if (code === undefined && message !== undefined) return message;
  return code === undefined || code.startsWith("Z_") ? "damaged gzip" : (UNREADABLE[code] ?? code);
}
