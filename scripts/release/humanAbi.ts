/** One parameter of the compiler's JSON ABI. */
type Parameter = {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
  readonly indexed?: boolean;
  readonly components?: readonly Parameter[];
};

/** One entry of the compiler's JSON ABI. */
export type AbiItem = {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
};

/**
 * A JSON ABI as lines that viem's `parseAbi` reads, structs first, each under its own name.
 * @example humanAbi([{ type: "error", name: "Closed", inputs: [{ name: "id", type: "uint16" }] }]) // ["error Closed(uint16 id)"]
 */
export function humanAbi(abi: readonly AbiItem[]): readonly string[] {
  const structs = new Map<string, string>();
  const items = abi.map((item) => lineOf(item, structs));
  return [...structs.values(), ...items];
}

function lineOf({ type, name, stateMutability, inputs = [], outputs = [] }: AbiItem, structs: Map<string, string>) {
  const list = (parameters: readonly Parameter[]) => parameters.map((one) => parameterOf(one, structs)).join(", ");
  if (type === "constructor") return `constructor(${list(inputs)})`;
  const head = `${type} ${name}(${list(inputs)})`;
  if (type !== "function") return head;
  const mutability = stateMutability === "nonpayable" ? "" : ` ${stateMutability}`;
  return `${head}${mutability}${outputs.length === 0 ? "" : ` returns (${list(outputs)})`}`;
}

function parameterOf(parameter: Parameter, structs: Map<string, string>): string {
  const { name, indexed } = parameter;
  return [typeOf(parameter, structs), ...(indexed === true ? ["indexed"] : []), ...(name === "" ? [] : [name])].join(
    " ",
  );
}

/** The type's name; a struct is noted, after those that it is made of. */
function typeOf({ type, internalType = "", components }: Parameter, structs: Map<string, string>): string {
  if (components === undefined) return type;
  const name = /(\w+)(?:\[\d*\])*$/.exec(internalType)?.[1] ?? "";
  const fields = components.map((one) => `${parameterOf(one, structs)};`);
  structs.set(name, `struct ${name} { ${fields.join(" ")} }`);
  return type.replace("tuple", name);
}
