/** Guards without which the contract does the same, each with the argument; everything else has a test that fails. */
export const ARGUED: ReadonlyMap<string, string> = new Map([
  [
    "AssetCheck.startProbe: balance < before",
    "The subtraction beside it is checked: where the balance fell it panics, so the deposit is refused in other words.",
  ],
  [
    "AssetCheck.finishProbe: later < before",
    "The subtraction beside it is checked: where the balance fell it panics, so the probe is refused in other words.",
  ],
]);
