import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A command of a page and the output that the page shows below it. */
export type Shown = { readonly page: string; readonly command: string; readonly output: string };

/**
 * Every fenced block `console` of the project's pages: a line `$ <command>`, then what it prints; a line `...` stands for lines
 * that are left out. A test runs each: `test/docs/shown.test.ts` says which.
 */
export function shownBlocks(): readonly Shown[] {
  const pages = globSync("{*.md,{contracts,deployments,keeper,scripts}/**/*.md}", { cwd: root }).sort();
  return pages.flatMap((page) =>
    [...readFileSync(`${root}${page}`, "utf8").matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
      block.split(/^\$ /m).flatMap((part) => {
        const [command = "", ...lines] = part.split("\n");
        return part === "" ? [] : [{ page, command, output: lines.join("\n") }];
      }),
    ),
  );
}

/** The block of one command. @throws AssertionError where no page or several show it */
export function shownBlock(command: string): Shown {
  const [found, ...more] = shownBlocks().filter((block) => block.command === command);
  assert.ok(found !== undefined && more.length === 0, `pages that show "${command}": ${found ? 1 + more.length : 0}`);
  return found;
}

/**
 * Holds what a page shows to what the command printed, after `varies` (times, hashes) was replaced by a star in both.
 * @throws AssertionError naming page and command
 */
export function assertShown({ page, command, output }: Shown, printed: string, varies: readonly RegExp[] = []): void {
  const linesOf = (text: string) => varies.reduce((all, one) => all.replaceAll(one, "*"), `\n${text.trimEnd()}\n`);
  const said = linesOf(printed);
  const parts = linesOf(output).split(/(?<=\n)\.\.\.(?=\n)/);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1 && i > 0;
    const found = i === 0 ? 0 : last ? said.length - part.length : said.indexOf(part, at - 1);
    assert.ok(
      found >= at - 1 && said.startsWith(part, found) && (i + 1 < parts.length || found + part.length === said.length),
      `${page}: ${command} does not print${part}but${said}`,
    );
    at = found + part.length;
  }
}
