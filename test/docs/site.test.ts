import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { pictures } from "../../scripts/docs/pictures.ts";
import { buildSite } from "../../scripts/docs/site.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A project of one contract and the pages given. */
function projectOf(pages: Readonly<Record<string, string>>): string {
  const outside = temporaryFolder();
  writeFileSync(join(outside, "outside.md"), "# not of the project");
  const folder = join(outside, "project");
  const contract =
    "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\ninterface ICount {\n struct S { uint8 x; }\n /// @notice Counts them.\n /// @return sum of all\n function count(S[] calldata all) external returns (uint8 sum);\n}\n";
  const files = { ".gitignore": "reports/\n", "contracts/ICount.sol": contract, ...pages };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const html = (site: ReadonlyMap<string, string>, place: string) => site.get(place) ?? assert.fail(`no ${place}`);
const mainOf = (page: string) => /<main[^>]*>([\s\S]*)<\/main>/.exec(page)?.[1] ?? "";
const hrefs = (text: string) => [...text.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, href = ""]) => href);

describe("the website of the pages", () => {
  const site = buildSite(root);
  const ids = new Map(
    [...site].map(([place, page]) => [place, new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  );
  /** Where the links of a text lead, as place and anchor; what leads outside left out. */
  const leads = (place: string, text: string) =>
    hrefs(text)
      .filter((href) => !/^(?:https?|mailto):/.test(href))
      .map((href) => {
        const [to = "", anchor = ""] = href.split("#");
        return { href, to: to === "" ? place : join(dirname(place), to), anchor };
      });

  it("has no dead link and no dead anchor", () => {
    const dead = [...site].flatMap(([place, page]) =>
      leads(place, page).flatMap(({ href, to, anchor }) => {
        return ids.get(to) === undefined || (anchor !== "" && !ids.get(to)?.has(anchor)) ? [`${place}: ${href}`] : [];
      }),
    );
    assert.deepEqual(dead, []);
  });

  it("has every page of the project, reached from the start page by what pages say", () => {
    const reached = new Set(["index.html"]);
    for (const place of reached) for (const { to } of leads(place, mainOf(html(site, place)))) reached.add(to);
    const pages = globSync("{*.md,{contracts,deployments,keeper,scripts}/**/*.md}", { cwd: root });
    const missing = pages.filter(
      (page) => !reached.has(page.replace(/\.md$/, ".html")) && page !== "scripts/docs/START.md",
    );
    assert.deepEqual(missing, []);
    assert.ok(pages.length > 34);
  });

  it("is one file a page and asks nobody: only the search has a script, which is in it", () => {
    for (const [place, page] of site) {
      assert.ok(page.startsWith("<!doctype html>"), place);
      assert.match(
        page,
        /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'/,
      );
      const fetched = [...page.matchAll(/<(?:link|script|img|iframe|source)\b[^>]*>/g)].map(([tag]) => tag);
      assert.deepEqual(
        fetched.filter((tag) => !/^<script>$|^<img alt="[^"]+" src="data:image\/(?:svg\+xml|png);base64,/.test(tag)),
        [],
        place,
      );
      assert.equal(page.includes("<script>"), place === "search.html", place);
    }
  });

  it("has four paths, each with what one can do at its end, and every page of one names its neighbours", () => {
    const start = mainOf(html(site, "index.html"));
    const paths = [
      ...start.matchAll(/<h2[^>]*>(\w+) <a[\s\S]*?<\/h2>\s*<p>At its end [\s\S]*?<\/p>\s*<ol>([\s\S]*?)<\/ol>/g),
    ];
    assert.deepEqual(
      paths.map(([, title]) => title),
      ["Govern", "Operate", "Integrate", "Analyse"],
    );
    for (const [, title, list = ""] of paths) {
      const pages = [...list.matchAll(/<li>[\s\S]*?href="([^"#]*)/g)].map(([, href = ""]) => href);
      assert.ok(pages.length >= 5 && pages.length <= 7, title);
      assert.equal(list.split("<li>").length - 1, pages.length, `${title}: every item leads to a page`);
      for (const [i, place] of pages.entries()) {
        const foot =
          new RegExp(`<p>${title}, ${i + 1} of ${pages.length}\\.(.*?)</p>`).exec(html(site, place))?.[1] ??
          assert.fail(place);
        assert.deepEqual(
          leads(place, foot).map(({ to }) => to),
          [pages[i + 1], pages[i - 1]].filter((one) => one !== undefined),
        );
      }
    }
  });

  it("says of a contract what its NatSpec says, call by call, with the source below", () => {
    const page = html(site, "contracts/interfaces/IHaircuts.sol.html");
    assert.match(
      page,
      /Functions[\s\S]*id="exposurelimit"[\s\S]*function exposureLimit\(uint16 marketId\) view returns \(uint256 tokens, bool mayGrow\)/,
    );
    assert.match(page, /Never reverts\.<\/p>\s*<p>Warning: <code>mayGrow<\/code> false means/);
    assert.match(page, /returns \(Haircuts\[\]\)/);
    assert.match(page, /Errors[\s\S]*error UnknownMarket\(uint16 marketId\)[\s\S]*Ids count from 1/);
    assert.match(page, /Source[\s\S]*interface IHaircuts \{/);
    assert.match(page, /Source[\s\S]*@notice Initial haircut/, "as it is");
    const parameters = html(site, "contracts/parameters/IParameters.sol.html");
    assert.match(parameters, /hold in this market\.<\/p>\s*<p>At an unmoved price/, "one paragraph a tag");
    assert.match(parameters, /Events[\s\S]*event BatchApplied\(uint256 indexed head, address writer, /);
  });

  it("draws the pictures of the concepts from the model and the contract's calendar", () => {
    const drawn = pictures();
    assert.equal(drawn.size, 3);
    for (const [name, picture] of drawn) {
      assert.equal(readFileSync(join(root, "scripts/docs", name), "utf8"), picture, `${name}: npm run docs draws it`);
      assert.ok(mainOf(html(site, "CONCEPTS.html")).includes(Buffer.from(picture).toString("base64")), name);
    }
    // 300 bp of gap at 300 bp in 30 days: the lines meet 30 days after the opening, at 22 %.
    const [, x, y] =
      /class="maintenance" d="M(?:[\d.]+ [\d.]+L){32}([\d.]+) ([\d.]+)/.exec(drawn.get("notice.svg") ?? "") ?? [];
    assert.deepEqual([x, y], ["540.0", "93.3"]);
    assert.match(drawn.get("notice.svg") ?? "", /class="initial dashed" d="M90\.0 93\.3L/);
  });

  it("keeps concepts to ten minutes", () => {
    const words = readFileSync(join(root, "CONCEPTS.md"), "utf8")
      .replaceAll(/```[\s\S]*?```/g, "")
      .split(/\s+/).length;
    assert.ok(words < 1_300, `${words} words`);
  });
});

describe("the program of the website", () => {
  it("refuses a link to nothing, or out of the project, by page and link", () => {
    for (const link of ["gone.md", "../../../outside.md", "/etc/hosts"]) {
      assert.throws(() => buildSite(projectOf({ "scripts/docs/START.md": `# S\n\n[x](${link})\n` })), {
        message: `scripts/docs/START.md: no file ${link}`,
      });
    }
  });

  it("has GitHub's anchors, shows HTML as text, and what a page links to as it is", () => {
    const text = [
      "# A `b`, c-d_e!",
      "## Same",
      "## Same",
      "## Same",
      "~~~\n<b>\n~~~",
      "<script>alert(1)</script> and <tx>",
      "[file](../../contracts/ICount.sol#source) [folder](../../contracts) [a](#same-1) [b](../../contracts/adapters)",
    ];
    const site = buildSite(
      projectOf({
        "scripts/docs/START.md": text.join("\n\n"),
        "reports/NOT.md": "# no",
        "contracts/adapters/README.md": "# R\n\n[drawing](a.svg)",
        "contracts/adapters/a.svg": "<svg/>",
      }),
    );
    const start = html(site, "index.html");
    assert.deepEqual(
      [...start.matchAll(/<h\d id="([^"]*)"/g)].map(([, id]) => id),
      ["a-b-c-d_e", "same", "same-1", "same-2"],
    );
    assert.match(start, /<code>&lt;b&gt;\n<\/code>/);
    assert.match(start, /&lt;script&gt;alert\(1\)&lt;\/script&gt; and &lt;tx&gt;/);
    assert.deepEqual(leadsOf(start), [
      "contracts/ICount.sol.html#source",
      "contracts.html",
      "contracts/adapters/README.html",
    ]);
    assert.match(html(site, "contracts.html"), /<a href="contracts\/ICount\.sol\.html">ICount\.sol<\/a>/);
    assert.match(
      html(site, "contracts/ICount.sol.html"),
      /function count\(S\[\] all\) returns \(uint8 sum\)[\s\S]*<p>Counts them\.<\/p>[\s\S]*<code>sum<\/code>: of all/,
    );
    assert.match(html(site, "contracts/adapters/a.svg.html"), /src="data:image\/svg\+xml;base64,PHN2Zy8\+"/);
    assert.deepEqual([...site.keys()].sort(), [
      "contracts.html",
      "contracts/ICount.sol.html",
      "contracts/adapters/README.html",
      "contracts/adapters/a.svg.html",
      "index.html",
      "search.html",
    ]);
  });

  it("refuses contracts that do not compile", () => {
    const folder = projectOf({ "scripts/docs/START.md": "# S\n" });
    writeFileSync(join(folder, "contracts/ICount.sol"), "contract {");
    assert.throws(() => buildSite(folder), /ParserError/);
  });
});

/** Links to files in a page's content. */
function leadsOf(page: string): string[] {
  return hrefs(mainOf(page)).filter((href) => !href.startsWith("#"));
}
