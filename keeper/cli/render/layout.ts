import { styleText } from "node:util";

/** Width every report keeps to, in columns. */
export const WIDTH = 100;

/** Styles by meaning, so that colour never carries what the words do not. */
const STYLES = {
  heading: "bold",
  quiet: "dim",
  good: "green",
  warning: "yellow",
  bad: "red",
  initial: "cyan",
  maintenance: "magenta",
} as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

/** A painter: ANSI styles when `colour`, else the text as it is. */
export function painter(colour: boolean): Paint {
  return colour ? (style, text) => styleText(STYLES[style], text, { validateStream: false }) : (_, text) => text;
}

/** Text cut or padded on the right to `width`; a cut ends in "~". @example left("abc", 5) // "abc  " */
export function left(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}~` : text.padEnd(width);
}

/** Text padded on the left to `width`. @example right("7", 3) // "  7" */
export function right(text: string, width: number): string {
  return text.padStart(width);
}

/** Words wrapped to `width`, every line indented. @example wrap("aa bb", 6, 2) // ["  aa", "  bb"] */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((part) => " ".repeat(indent) + part);
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/**
 * A horizontal bar from `from` to `to` on a scale of `full` = `width` columns, drawn with block characters; the start is
 * rounded to whole columns, the end to eighths. A span too small to see is one thin block.
 * @example bar(0, 5, 10, 10) // "█████"
 */
export function bar(from: number, to: number, full: number, width: number): string {
  if (!(full > 0) || from === to) return "";
  const start = Math.max(0, Math.min(width - 1, Math.round((Math.min(from, to) / full) * width)));
  const eighths = Math.max(1, Math.round((Math.max(from, to) / full) * width * 8) - start * 8);
  const drawn = "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
  return " ".repeat(start) + drawn;
}
