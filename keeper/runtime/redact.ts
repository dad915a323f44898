/** Returns `text` with each secret replaced, in either case of its letters. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    // As it stands, and as it would stand inside a JSON string.
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
      const literal = form.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      clean = clean.replaceAll(new RegExp(literal, "gi"), "[secret]");
    }
  }
  return clean;
}
