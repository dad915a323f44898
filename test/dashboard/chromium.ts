import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  ...["--disable-sync", "--no-first-run"],
];

/** Path of the installed Chromium (CHROMIUM_PATH, else where Debian puts it), or null when there is none. */
export function chromiumPath(): string | null {
  const path = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  return existsSync(path) ? path : null;
}

/** A real browser that talks to nobody by itself. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGS });
}

/** The text that a person sees in an element: rendered, hidden parts left out. */
export function seen(page: Page, selector: string): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is rendered is the point
  return page.innerText(selector);
}
