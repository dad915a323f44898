/** What is between the parts of a cell: "a to b", "a / b", "a -> b", "a, b", "a (b)". */
const BETWEEN = / to | \/ | -> |, | \(/;
const FIGURE = /^([+-]?\d[\d \u00a0]*(?:\.\d+)?(?:e[+-]?\d+)?)( %| points| h)?$/;

/**
 * A table of texts as csv that reads as numbers: percent and points as fractions, groups of digits joined, "-" empty, and a
 * column whose cells have several numbers as so many columns. Words stay words.
 * @example tableCsv(["asset", "interval"], [["ETH", "1 % to 2 %"]]) // "asset,interval 1,interval 2\nETH,0.01,0.02\n"
 */
export function tableCsv(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headers.map((header, at) =>
    columnOf(
      header,
      at === 0,
      rows.map((row) => row[at] ?? ""),
    ),
  );
  const names = columns.flatMap(({ names: own }) => own);
  const lines = rows.map((_, row) => columns.flatMap(({ cells }) => cells[row] ?? []));
  return `${[names, ...lines].map((line) => line.map(quoted).join(",")).join("\n")}\n`;
}

function columnOf(header: string, isFirst: boolean, texts: readonly string[]) {
  const split = isFirst ? texts.map((text) => [text]) : texts.map(partsOf);
  const width = Math.max(1, ...split.map((parts) => parts.length));
  const fits = split.every((parts) => parts.length === width || (parts.length === 1 && parts[0] === ""));
  const cells =
    width === 1 || !fits ? texts.map((text) => [cellValue(text)]) : split.map((parts) => padded(parts, width));
  const names =
    cells[0]?.length === width && width > 1 ? padded([], width).map((_, i) => `${header} ${i + 1}`) : [header];
  return { names, cells };
}

/** The parts of a cell as values where every one is a number, else the cell whole. */
function partsOf(text: string): readonly string[] {
  const parts = text.replace(/\)$/, "").split(BETWEEN);
  return parts.every((part) => part === "<0.001" || FIGURE.test(part)) ? parts.map(cellValue) : [cellValue(text)];
}

function cellValue(text: string): string {
  if (text === "-") return "";
  const [, digits, unit] = FIGURE.exec(text) ?? [];
  if (digits === undefined) return text;
  const joined = digits.replaceAll(/[ \u00a0]/g, "");
  const isShare = unit === " %" || unit === " points";
  return isShare ? String(Number((Number(joined) / 100).toPrecision(12))) : joined;
}

function padded(parts: readonly string[], width: number): readonly string[] {
  return Array.from({ length: width }, (_, i) => parts[i] ?? "");
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
