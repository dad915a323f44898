import { z } from "zod";

/** Scalars of the evidence schema. */

/** A finite number; zod's number refuses NaN and the infinities. */
export const finite = z.number();
/** Whole seconds since 1970. */
export const time = z.number();
/** A whole number of basis points, 0..10000. */
export const basisPoints = z.number().int().min(0).max(10_000);
/** A bigint, in JSON as a decimal string without leading zeros, so that no reader loses digits. */
export const big = z.codec(z.string().regex(/^(0|-?[1-9]\d*)$/, "expected a decimal whole number"), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});
/** 20 bytes. Case is kept: it is part of the bytes that are hashed. */
export const address = z.templateLiteral(["0x", z.string().regex(/[0-9a-fA-F]{40}/)]);

/**
 * Rows of `width` finite numbers each, checked in one pass: a month of candles is tens of thousands of numbers, and a
 * schema object for each of them takes longer than the rest of the bundle. Issues carry row and column as a path.
 */
export const rows = <Row extends readonly number[]>(width: Row["length"]) =>
  z.custom<readonly Row[]>().check(({ value, issues }) => {
    const given: unknown = value;
    const refuse = (message: string, path: number[] = []): void => {
      issues.push({ code: "custom", input: given, message, path });
    };
    if (!Array.isArray(given)) return refuse(`expected an array of rows of ${width} numbers`);
    for (let index = 0; index < given.length; index += 1) {
      const row: unknown = given[index];
      if (!Array.isArray(row) || row.length !== width) return refuse(`expected ${width} numbers`, [index]);
      for (let column = 0; column < width; column += 1) {
        if (!Number.isFinite(row[column])) return refuse("expected a finite number", [index, column]);
      }
    }
  });
