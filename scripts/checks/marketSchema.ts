import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { marketJsonSchema } from "../../keeper/markets/schema.ts";

/** Writes the JSON Schema of market files, which a test holds equal to the loader's. */
const file = fileURLToPath(new URL("../../deployments/market.schema.json", import.meta.url));
writeFileSync(file, `${JSON.stringify(marketJsonSchema(), null, 2)}\n`);
