/** Draws `keeper/architecture.svg` from the import table. A test fails when the file is not what this writes. */
import { writeFileSync } from "node:fs";
import { drawRooms } from "./drawRooms.ts";
import { ROOMS } from "./rooms.ts";

writeFileSync(new URL("../../keeper/architecture.svg", import.meta.url), drawRooms(ROOMS));
