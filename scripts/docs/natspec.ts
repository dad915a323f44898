import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path/posix";
import solc from "solc";

type Argument = {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
  readonly components?: readonly Argument[];
  readonly indexed?: boolean;
};
type Entry = {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly Argument[];
  readonly outputs?: readonly Argument[];
  readonly stateMutability?: string;
};
type Said = { readonly notice?: string; readonly details?: string; readonly params?: Texts; readonly returns?: Texts };
type Texts = Readonly<Record<string, string>>;
type Doc = {
  readonly title?: string;
  readonly notice?: string;
  readonly details?: string;
  readonly methods?: Readonly<Record<string, Said>>;
  readonly events?: Readonly<Record<string, Said>>;
  readonly errors?: Readonly<Record<string, readonly Said[]>>;
};
type Contract = { readonly abi: readonly Entry[]; readonly userdoc: Doc; readonly devdoc: Doc };
type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, Contract>>>>;
};

const KINDS = { function: "Functions", event: "Events", error: "Errors" } as const;

/**
 * What the compiler says of each contract in `contracts/`, as a Markdown page by the source's path: purpose, functions, events and
 * errors with their notes. Nothing but documentation is compiled, so it takes seconds.
 * @throws Error when the sources do not compile
 */
export function natspecOf(root: string): ReadonlyMap<string, string> {
  const require = createRequire(join(root, "package.json"));
  const files = globSync("contracts/**/*.sol", { cwd: root }).sort();
  // The compiler joins what several tags of one kind say without a space: each begins with a mark here, a paragraph below.
  const marked = (file: string) => readFileSync(join(root, file), "utf8").replaceAll(/@(?:notice|dev) /g, "$&¶ ");
  const sources = Object.fromEntries(files.map((file) => [file, { content: marked(file) }]));
  const outputSelection = { "*": { "*": ["abi", "userdoc", "devdoc"] } };
  const input = JSON.stringify({ language: "Solidity", sources, settings: { outputSelection } });
  const read = (path: string) => ({ contents: readFileSync(require.resolve(path), "utf8") });
  const told = (_: string, value: unknown) =>
    typeof value === "string" ? value.replace(/^¶ /, "").replaceAll("¶ ", "\n\n") : value;
  const { errors = [], contracts } = JSON.parse(solc.compile(input, { import: read }), told) as Output;
  const wrong = errors.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return new Map(
    files.map((file) => [
      file,
      Object.entries(contracts[file] ?? {})
        .map(pageOf)
        .join("\n"),
    ]),
  );
}

function pageOf([name, { abi, userdoc, devdoc }]: readonly [string, Contract]): string {
  const about = [devdoc.title, userdoc.notice, devdoc.details].filter(Boolean);
  const parts = Object.entries(KINDS).flatMap(([kind, title]) => {
    const entries = abi.filter(({ type }) => type === kind).map((entry) => entryOf(entry, userdoc, devdoc));
    return entries.length === 0 ? [] : [`## ${title}`, ...entries];
  });
  return [`# ${name}`, ...about, ...parts, ""].join("\n\n");
}

/** A heading with the name, what one writes, and the notes. */
function entryOf(entry: Entry, userdoc: Doc, devdoc: Doc): string {
  const { name = "", inputs = [], outputs = [], stateMutability } = entry;
  const key = `${name}(${inputs.map(canonical).join(",")})`;
  const of = (doc: Doc): Said => doc.methods?.[key] ?? doc.events?.[key] ?? doc.errors?.[key]?.[0] ?? {};
  const [user, dev] = [of(userdoc), of(devdoc)];
  const written = [
    `${entry.type} ${name}(${inputs.map(argument).join(", ")})`,
    ...(stateMutability === undefined || stateMutability === "nonpayable" ? [] : [stateMutability]),
    ...(outputs.length === 0 ? [] : [`returns (${outputs.map(argument).join(", ")})`]),
  ];
  const notes = Object.entries({ ...dev.params, ...dev.returns }).map(([of, note]) => `- \`${of}\`: ${note}`);
  return [`### ${name}`, `~~~solidity\n${written.join(" ")}\n~~~`, user.notice, dev.details, notes.join("\n")]
    .filter(Boolean)
    .join("\n\n");
}

/** As in a selector. @example "(uint16,bool)[]" */
function canonical({ type, components }: Argument): string {
  return components === undefined ? type : type.replace("tuple", `(${components.map(canonical).join(",")})`);
}

/** As in the source. @example "Haircuts[] result" */
function argument({ name, type, internalType = type, indexed }: Argument): string {
  const of = internalType.replace(/^(?:struct|enum|contract) (?:\w+\.)?/, "");
  return [of, ...(indexed ? ["indexed"] : []), name].join(" ").trim();
}
