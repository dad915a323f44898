import { cpSync } from "node:fs";
import { join } from "node:path";
import { marketNamed, readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A folder of WETH as it is shipped and of LINK as it is shipped beside it, with what they hold: nothing else is added anywhere. */
export function linkFolder() {
  const folder = temporaryFolder();
  cpSync("deployments/markets/WETH.jsonc", join(folder, "WETH.jsonc"));
  cpSync("deployments/examples/LINK.jsonc", join(folder, "LINK.jsonc"));
  const files = soundMarkets(readMarkets(folder));
  return { folder, files, link: marketNamed(files, "LINK") };
}
