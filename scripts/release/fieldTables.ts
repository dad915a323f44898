import { z } from "zod";
import { noticeSchema, rampsSchema } from "../../keeper/dashboard/noticeSchema.ts";
import { healthSchema, operationsSchema, seriesSchema, snapshotSchema } from "../../keeper/dashboard/schemas.ts";

/** Headings of `keeper/dashboard/JSON.md` with a table of fields, and what each is the table of. */
const TABLES: Readonly<Record<string, z.ZodType>> = {
  "/api/status": snapshotSchema,
  "/api/series?market=NAME&since=TIME": seriesSchema,
  "/api/ramps": rampsSchema,
  "/api/notice/ACCOUNT": noticeSchema,
  "/live, /ready": healthSchema,
  "/status": operationsSchema,
};

type Schema = z.core.JSONSchema.BaseSchema;

/** The page with the tables of its sections as the schemas have them. */
export function withFieldTables(page: string): string {
  const sections = page.split(/^(?=## )/m).map((section) => {
    const schema = TABLES[/^## (.*)/.exec(section)?.[1] ?? ""];
    if (schema === undefined) return section;
    return section.replace(/(?:^\|.*\n)+/m, () => tableOf(z.toJSONSchema(schema, { io: "input" })));
  });
  return sections.join("");
}

function tableOf(schema: Schema): string {
  const rows = [["field", "unit", "meaning"], ...rowsOf("", schema)];
  const [field, unit] = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map(([a = "", b = "", c = ""]) => `| ${a.padEnd(field ?? 0)} | ${b.padEnd(unit ?? 0)} | ${c} |\n`);
  return lines.toSpliced(1, 0, `| ${"-".repeat(field ?? 0)} | ${"-".repeat(unit ?? 0)} | --- |\n`).join("");
}

/** `unit: meaning` of every field that says so, under its path. */
function rowsOf(path: string, schema: Schema): string[][] {
  const { description, properties = {}, items, anyOf = [] } = schema;
  const said = /^(.+?): (.+)$/.exec(description ?? "");
  const own = said === null ? [] : [[`\`${path}\``, said[1] ?? "", said[2] ?? ""]];
  const parts = Object.entries(properties).flatMap(([name, of]) =>
    rowsOf(path === "" ? name : `${path}.${name}`, of as Schema),
  );
  const inList = items === undefined ? [] : rowsOf(`${path}[]`, items as Schema);
  return [...own, ...parts, ...inList, ...anyOf.flatMap((of) => rowsOf(path, of as Schema))];
}
