import { z } from "zod";

/** Makes a field of a served body: its unit and what it means stand in `/openapi.json` and in JSON.md. */
const measure = (unit: string) => (means: string) => z.number().describe(`${unit}: ${means}`);
const words = (unit: string) => (means: string) => z.string().describe(`${unit}: ${means}`);

export const unixSeconds = measure("Unix s");
export const seconds = measure("s");
export const hours = measure("h");
export const bps = measure("bp");
export const usd = measure("USD");
export const tokens = measure("tokens");
export const fraction = measure("fraction");
export const perYear = measure("fraction a year");
export const count = measure("count");
export const number = measure("number");
export const perSecond = measure("s per s");
export const text = words("text");
export const name = words("name");
export const term = words("word");
export const code = words("code");
export const hash = words("hash");
export const address = words("address");
export const link = words("https address");
export const flag = (means: string) => z.boolean().describe(`true or false: ${means}`);

/** One of a closed list of words. */
export function word<const Word extends string>(known: readonly Word[], means = known.join(", ")) {
  return z.enum(known).describe(`word: ${means}`);
}

/** The names of a table, as `word` wants them. */
export function namesOf<Table extends object>(table: Table) {
  return Object.keys(table) as (keyof Table & string)[];
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

export function rows<Shape extends z.ZodRawShape>(shape: Shape) {
  return list(z.object(shape));
}

/** What a path answers, by its name in the document. */
export function body<Shape extends z.ZodRawShape>(title: string, shape: Shape) {
  return z.object(shape).meta({ title });
}

/** An object, or null as `means` says. */
export function objectOrNull<Shape extends z.ZodRawShape>(means: string, shape: Shape) {
  return z.object(shape).nullable().describe(`object: ${means}`);
}
