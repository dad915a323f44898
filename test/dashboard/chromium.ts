import { type Browser, chromium, type Page } from "playwright-core";
import { programPath } from "../support/programs.ts";

const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  ...["--disable-sync", "--no-first-run"],
];

/** A real browser that talks to nobody by itself. @throws Error Chromium is not installed */
export async function launch(): Promise<Browser> {
  const executablePath = programPath("chromium");
  if (executablePath === null) throw new Error("Chromium is not installed");
  return await chromium.launch({ executablePath, args: ARGS });
}

/** The text that a person sees in an element: rendered, hidden parts left out. */
export function seen(page: Page, selector: string): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is rendered is the point
  return page.innerText(selector);
}
