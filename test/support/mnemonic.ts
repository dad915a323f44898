/** The mnemonic of every development node, of which the mainnet replica's accounts are the first five. */
export const TEST_MNEMONIC = "test test test test test test test test test test test junk";
