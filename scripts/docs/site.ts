import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path/posix";
import { natspecOf } from "./natspec.ts";
import { IMAGES, plain, type Rendered, renderPage } from "./render.ts";
import { framed, searchPage } from "./template.ts";

/** The start page, with the paths. */
const START = "scripts/docs/START.md";

/** An ordered list of pages under a heading of the start page, by their places, each as the list calls it. */
export type Path = {
  readonly title: string;
  readonly pages: readonly { readonly place: string; readonly says: string }[];
};

/**
 * The site's pages by their path in it: the start page, every Markdown page of the project, whatever file or folder of the
 * project they link to, and the search.
 * @throws Error naming page and link where a link leads to nothing
 */
export function buildSite(root: string): ReadonlyMap<string, string> {
  const natspec = natspecOf(root);
  const done = new Map<string, Rendered>();
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  const written = (name: string) => name === ".git" || ignored.includes(name) || ignored.includes(`${name}/`);
  const waiting = globSync("**/*.md", { cwd: root, exclude: written }).sort();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (done.has(path)) continue;
    const from = path;
    const page = renderPage(textOf(root, path, natspec), {
      fileOf: (link) => join(root, targetOf(root, from, link).path),
      placeOf(link) {
        const target = targetOf(root, from, link);
        waiting.push(target.path);
        return relative(dirname(placeOf(from)), placeOf(target.path)) + target.anchor;
      },
    });
    done.set(path, page);
  }
  const paths = pathsOf(done.get(START) as Rendered);
  const site = new Map(
    [...done].map(([path, page]) => [placeOf(path), framed(path, placeOf(path), page, stepsOf(paths, path))]),
  );
  return site.set("search.html", searchPage([...done].map(([path, page]) => [placeOf(path), page])));
}

/** Where a page lies in the site: "contracts/README.html" for contracts/README.md, "keeper/main.ts.html" for keeper/main.ts. */
function placeOf(path: string): string {
  return path === START ? "index.html" : `${path.replace(/\.md$/, "")}.html`;
}

/** The file that a link of a page leads to; of a folder its README, where it has one. */
function targetOf(root: string, page: string, link: string): { readonly path: string; readonly anchor: string } {
  const [file = "", anchor] = link.split("#");
  const path = file === "" ? page : join(dirname(page), file).replace(/\/$/, "");
  if (path.startsWith("..") || !existsSync(join(root, path))) throw new Error(`${page}: no file ${link}`);
  const readme = join(path, "README.md");
  return { path: existsSync(join(root, readme)) ? readme : path, anchor: anchor === undefined ? "" : `#${anchor}` };
}

/** A page's Markdown: its own, a contract's NatSpec above its source, a folder's files, or any other file as it is. */
function textOf(root: string, path: string, natspec: ReadonlyMap<string, string>): string {
  if (path.endsWith(".md")) return readFileSync(join(root, path), "utf8");
  if (extname(path) in IMAGES) return `# ${path}\n\n![${path}](${basename(path)})`;
  if (statSync(join(root, path)).isDirectory()) {
    const files = readdirSync(join(root, path)).sort();
    return [`# ${path}/`, ...files.map((file) => `- [${file}](${basename(path)}/${file})`)].join("\n");
  }
  const source = readFileSync(join(root, path), "utf8");
  const fence = `~~~~~~${extname(path).slice(1)}\n${source}\n~~~~~~\n`;
  const doc = natspec.get(path);
  return doc === undefined ? `# ${path}\n\n${fence}` : `${doc}\n## Source\n\n\`${path}\`\n\n${fence}`;
}

/** The paths of the start page: under each heading with an ordered list, the pages that its items link to. */
function pathsOf(start: Rendered): readonly Path[] {
  const lists = [...start.html.matchAll(/<h2[^>]*>(.*?) <a(?:(?!<h2)[\s\S])*?<ol>([\s\S]*?)<\/ol>/g)];
  return lists.map(([, title = "", list = ""]) => ({
    title: plain(title),
    pages: [...list.matchAll(/<li>[\s\S]*?href="([^"#]*)[^>]*>(.*?)<\/a>/g)].map(([, place = "", says = ""]) => ({
      place,
      says,
    })),
  }));
}

/** A page's place in each path that it is on, with what comes before and after. */
function stepsOf(paths: readonly Path[], path: string): readonly { readonly at: number; readonly way: Path }[] {
  return paths.flatMap((way) => {
    const at = way.pages.findIndex(({ place }) => place === placeOf(path));
    return at < 0 ? [] : [{ at, way }];
  });
}
