/**
 * The value of a JSON text with comments (`//` to the end of the line and between slash-star and star-slash), and the paths of keys that an object
 * has twice, of which JSON itself would keep the last without a word. Lines and columns in an error are those of the text.
 * @throws SyntaxError where the rest is not JSON
 * @example parseJsonc('{ "a": 1, // first\n "a": 2 }') // { value: { a: 2 }, twice: ["a"] }
 */
export function parseJsonc(text: string): { readonly value: unknown; readonly twice: readonly string[] } {
  const plain = text
    .replace(/^\ufeff/, "")
    .replace(TOKEN, (token) => (token.startsWith("/") ? token.replace(/[^\r\n]/g, " ") : token));
  const value: unknown = JSON.parse(plain);
  return { value, twice: repeatedKeys(plain) };
}

/** A string, or a comment outside of one. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/.*|\/\*[\s\S]*?\*\//g;

type Level = { readonly path: string; readonly keys: Set<string>; at: string };

/** Of a text that is JSON: then a string before a colon is a key, and brackets match. */
function repeatedKeys(json: string): readonly string[] {
  const twice: string[] = [];
  const levels: Level[] = [{ path: "", keys: new Set(), at: "" }];
  for (const [, key, bracket] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(?=:)|"(?:[^"\\]|\\.)*"|([{}[\]])/g)) {
    const level = levels.at(-1) as Level;
    if (key !== undefined) {
      level.at = `${level.path}${JSON.parse(key) as string}`;
      if (level.keys.has(level.at)) twice.push(level.at);
      level.keys.add(level.at);
    } else if (bracket === "{" || bracket === "[") {
      levels.push({ path: level.at === "" ? "" : `${level.at}.`, keys: new Set(), at: level.at });
    } else if (bracket !== undefined) levels.pop();
  }
  return twice;
}
