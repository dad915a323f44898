import { z } from "zod";

/** Decimal text, also with an exponent, of a whole number; read at the exact value printed. */
export const integerText = z.string().transform((text, context) => {
  const value = exactInteger(text);
  if (value !== null) return value;
  context.addIssue({ code: "custom", message: "a whole number as decimal text" });
  return z.NEVER;
});

/**
 * The whole number a decimal text stands for, exactly; null when it is none.
 * @example exactInteger("2.9651014881301328e+19") // 29651014881301328000n
 */
function exactInteger(text: string): bigint | null {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e\+?(\d{1,3}))?$/i.exec(text) ?? [];
  const digits = fraction.replace(/0+$/, "");
  const zeros = Number(exponent) - digits.length;
  return whole === "" || zeros < 0 ? null : BigInt(`${sign}${whole}${digits}${"0".repeat(zeros)}`);
}
