/** Draws `keeper/architecture.svg` from the import table. A test fails when the file is not what this writes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawRooms } from "./drawRooms.ts";
import { ROOMS, ROOT } from "./rooms.ts";

writeFileSync(join(ROOT, "keeper/architecture.svg"), drawRooms(ROOMS));
