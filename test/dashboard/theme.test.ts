import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../../keeper/dashboard/page/style.css", import.meta.url), "utf8");
const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");

/** Custom properties of the first rule of a piece of CSS. */
function colours(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}

/** Relative luminance and contrast, WCAG 2.2. @example contrast("#000000", "#ffffff") // 21 */
function contrast(one: string, other: string): number {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test("contrast follows WCAG", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
});

for (const [name, theme] of [
  ["light", colours(light)],
  ["dark", colours(dark)],
] as const) {
  test(`every text and series colour of the ${name} theme has a contrast of 4.5 or more`, () => {
    for (const ink of ["ink", "quiet", "initial", "maintenance", "volatility", "price", "good", "warning", "bad"]) {
      for (const ground of ["panel", "ground"]) {
        const ratio = contrast(theme.get(ink) ?? "", theme.get(ground) ?? "");
        assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });
}
