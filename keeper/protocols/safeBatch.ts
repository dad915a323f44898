/** The file format of Safe's Transaction Builder. */
export type SafeBatch = {
  readonly version: "1.0";
  readonly chainId: string;
  /** Milliseconds; the time of the block that the file was written at. */
  readonly createdAt: number;
  readonly meta: { readonly name: string; readonly description: string; readonly txBuilderVersion: string };
  readonly transactions: readonly {
    readonly to: string;
    readonly value: "0";
    readonly data: string;
    readonly contractMethod: null;
    readonly contractInputsValues: null;
  }[];
};

/** Returns a file for Safe's Transaction Builder; `time` is that of the block it was written at, Unix seconds. */
export function safeBatch(
  name: string,
  { chainId, time, description }: { readonly chainId: number; readonly time: number; readonly description: string },
  transactions: readonly { readonly to: string; readonly data: string }[],
): SafeBatch {
  return {
    version: "1.0",
    chainId: String(chainId),
    createdAt: time * 1000,
    meta: { name, description, txBuilderVersion: "1.16.5" },
    transactions: transactions.map(({ to, data }) => {
      return { to, data, value: "0", contractMethod: null, contractInputsValues: null };
    }),
  };
}
