import { measureContract, physicalLimit, type Size } from "./gas/contract.ts";
import { measureParameters, SIZES } from "./gas/parameters.ts";

/**
 * Prints what the parameter contract costs, beside a naive contract measured in the same run and the least the
 * formula of the physical limit allows, with the ratio to each; then the small core (contracts/parameters) beside both.
 * Use: npm run bench:gas
 */
const GOALS: Readonly<Record<Size, number | null>> = { 1: 42_000, 10: null, 100: 200_000 };
const table = await measureContract();
const number = (value: number) => value.toLocaleString("en-US").replaceAll(",", " ");
const ratio = (value: number, peer: number) => `${(value / peer).toFixed(2)}x`;

console.log("| update of | tighter | every second looser | goal | naive | ours / naive | limit | ours / limit |");
console.log("|---|---:|---:|---:|---:|---:|---:|---:|");
for (const size of [1, 10, 100] as const) {
  const [ours, naive, limit] = [table.mixed[size], table.naive[size], physicalLimit(size)];
  const cells = [number(table.tighten[size]), number(ours), GOALS[size] === null ? "" : number(GOALS[size])];
  cells.push(number(naive), ratio(ours, naive), number(limit), ratio(ours, limit));
  console.log(`| ${size} | ${cells.join(" | ")} |`);
}
console.log(`\n100 with quality: ${number(table.withQuality)}; one of a full group: ${number(table.oneOfFive)}`);
console.log(`trip: ${number(table.trip)} (goal 60 000)`);
for (const [name, { cold, warm }] of Object.entries(table.reads)) {
  console.log(`read ${name}: ${number(cold)} cold, ${number(warm)} warm`);
}
console.log(`bytecode: ${table.bytecodeBytes.map(number).join(" and ")} of 24 576 bytes`);
console.log(`deployment: ${number(table.deployment)} of 16 777 216 gas`);

const small = await measureParameters();
const MARKS = { 1: 40_000, 10: 112_000, 30: 270_000, 100: 800_000 } as const;
const packed = (size: (typeof SIZES)[number], of: Readonly<Record<Size, number>>) =>
  size === 30 ? "" : number(of[size]);
console.log(
  "\n| update of | small, tighter | mark | small, half looser | packed, tighter | packed, half looser | naive |",
);
console.log("|---|---:|---:|---:|---:|---:|---:|");
for (const size of SIZES) {
  const cells = [number(small.tighten[size]), number(MARKS[size]), number(small.mixed[size])];
  cells.push(packed(size, table.tighten), packed(size, table.mixed), packed(size, table.naive));
  console.log(`| ${size} | ${cells.join(" | ")} |`);
}
for (const [name, { cold, warm }] of Object.entries(small.reads)) {
  console.log(`small read ${name}: ${number(cold)} cold, ${number(warm)} warm`);
}
console.log(`small trip: ${number(small.trip)}; limits of a class over 101 markets: ${number(small.setLimits)}`);
console.log(`small bytecode: ${number(small.bytecodeBytes)} bytes; deployment: ${number(small.deployment)}`);
