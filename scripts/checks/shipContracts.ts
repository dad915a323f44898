import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { compiledContracts, SHIPPED } from "../demo/shippedContracts.ts";

/** Ships the contracts that `npm start` deploys as they are compiled here, which a test holds equal. */
const root = fileURLToPath(new URL("../..", import.meta.url));
writeFileSync(join(root, SHIPPED), gzipSync(JSON.stringify(compiledContracts(root)), { level: 9 }));
