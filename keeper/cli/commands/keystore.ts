import type { KeystoreResult, KeystoreTask } from "../../operations/keystoreTasks.ts";
import type { CommandContext, CommandSpec } from "../command.ts";

const PASSWORD = {
  flags: "--password-file <file>",
  description: "file with the password, readable by its owner alone; absent: asked for without echo",
};

export const keystoreNew: CommandSpec = {
  name: "keystore new",
  summary: "make a key from the system's randomness and keep it encrypted in a new file (Web3 Secret Storage V3)",
  arguments: [{ name: "<file>", description: "where to put it; nothing is ever replaced" }],
  options: [PASSWORD],
  examples: ["tonsor keystore new keeper.json", "tonsor keystore new keeper.json --password-file password"],
  units: ["prints the address, never the key"],
  run: (context) => print(context, { kind: "new", ...paths(context) }),
};

export const keystoreImport: CommandSpec = {
  name: "keystore import",
  summary: "encrypt a key that exists into a new file",
  arguments: [{ name: "<file>", description: "where to put it; nothing is ever replaced" }],
  options: [
    PASSWORD,
    {
      flags: "--key-file <file>",
      description: "file with the key, readable by its owner alone; absent: asked for without echo",
    },
  ],
  examples: ["tonsor keystore import keeper.json", "tonsor keystore import keeper.json --key-file key"],
  units: ["a key is 0x and 64 hexadecimal digits; it is no argument, so that no shell history or process list has it"],
  run(context) {
    const { keyFile } = context.options;
    return print(context, { kind: "import", ...paths(context), keyFile: typeof keyFile === "string" ? keyFile : null });
  },
};

export const keystoreAddress: CommandSpec = {
  name: "keystore address",
  summary: "whose key a keystore holds; with its password, whether it opens",
  arguments: [{ name: "<file>", description: "a keystore" }],
  options: [
    { ...PASSWORD, description: "opens the file to prove the address; absent: the address is what the file says" },
  ],
  examples: ["tonsor keystore address keeper.json"],
  units: ["an address with its checksum"],
  run: (context) => print(context, { kind: "address", ...paths(context) }),
};

function paths({ args, options }: CommandContext): { file: string; passwordFile: string | null } {
  const { passwordFile } = options;
  return { file: args[0] ?? "", passwordFile: typeof passwordFile === "string" ? passwordFile : null };
}

async function print({ services, output }: CommandContext, task: KeystoreTask): Promise<void> {
  const result = await (await services()).keystore(task);
  output.result(result, () => words(task, result));
}

function words(task: KeystoreTask, { file, address, opened }: KeystoreResult): string {
  if (task.kind === "address") return `${address}${opened ? "" : " (not opened)"}`;
  return [
    `${address} is in ${file}, mode 600. Set KEYSTORE_FILE to it and KEYSTORE_PASSWORD_FILE to the password's file.`,
    "Keep a copy of both in two places: without them nobody can sign, and governance must name another keeper.",
  ].join("\n");
}
