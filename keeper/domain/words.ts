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

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns `text` with each secret replaced, in either case of its letters, as it is and as a JSON string has it. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
      const literal = form.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      clean = clean.replaceAll(new RegExp(literal, "gi"), "[secret]");
    }
  }
  return clean;
}
