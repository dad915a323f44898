import { createRequire } from "node:module";

/** A node of the syntax tree that solc gives, Solidity or Yul. */
export type Node = { readonly nodeType: string; readonly src: string; readonly [key: string]: unknown };

/** A source as the compiler sees it, and its tree. */
export type Source = { readonly file: string; readonly text: Buffer; readonly tree: Node };

const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };

type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: Node }>>;
};

/** The trees of sources, with names resolved. @throws Error what the compiler says when they do not compile. */
export function treesOf(sources: ReadonlyMap<string, string>): Source[] {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([file, content]) => [file, { content }])),
    settings: { evmVersion: "cancun", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const wrong = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return [...sources].map(([file, content]) => {
    const tree = output.sources[file]?.ast;
    if (tree === undefined) throw new Error(`the compiler gives no tree of ${file}`);
    return { file, text: Buffer.from(content), tree };
  });
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).nodeType === "string";
}

/** The nodes directly below one, in the order of the source. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value.flat() : [value]))
    .filter(isNode)
    .filter(({ src }) => src !== undefined)
    .sort((a, b) => rangeOf(a).start - rangeOf(b).start);
}

/** A node and all below it. */
export function* below(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* below(child);
}

/** Where a node is in its source, in bytes. */
export function rangeOf({ src }: Node): { readonly start: number; readonly end: number } {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return { start, end: start + length };
}

export function textOf(source: Source, node: Node): string {
  const { start, end } = rangeOf(node);
  return source.text.subarray(start, end).toString("utf8").replace(/\s+/g, " ");
}

/** Functions with a body, modifiers too, and the contract each is in. */
export function* functionsOf({ tree }: Source): Generator<{ readonly contract: string; readonly node: Node }> {
  for (const contract of below(tree)) {
    if (contract.nodeType !== "ContractDefinition") continue;
    for (const node of childrenOf(contract)) {
      if (isNode(node["body"])) yield { contract: String(contract["name"]), node };
    }
  }
}
