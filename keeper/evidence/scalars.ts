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
