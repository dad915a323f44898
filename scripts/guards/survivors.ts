/** Guards without which the contract does the same, each with the argument; everything else has a test that fails. */
export const ARGUED: ReadonlyMap<string, string> = new Map([]);
