import { measureContract, physicalLimit, SIZES, type Size } from "./gas/contract.ts";

/**
 * Prints what the parameter contract costs, beside a naive contract measured in the same run, what peers cost elsewhere on
 * the same rules, and the least that the formula of the physical limit allows.
 * Use: npm run bench:gas
 */
const MARKS: Readonly<Record<Size, number>> = { 1: 40_000, 10: 112_000, 30: 270_000, 100: 800_000 };
/** Steady writes: Aave v3's RiskSteward on the real pool, and the RiskOracle of Chaos Labs; none measured at 30. */
const PEERS: Readonly<Record<"steward" | "oracle", Readonly<Record<Size, number | null>>>> = {
  steward: { 1: 108_909, 10: 461_933, 30: null, 100: 4_006_445 },
  oracle: { 1: 343_486, 10: 3_170_989, 30: null, 100: 31_412_359 },
};

const table = await measureContract();
const number = (value: number) => value.toLocaleString("en-US").replaceAll(",", " ");

console.log(
  "| update of | tighter | mark | half looser | heartbeat | 3-of-5 | naive | Aave steward | RiskOracle | limit |",
);
console.log("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
for (const size of SIZES) {
  const { tighten, mixed, heartbeat, signed, naive } = table;
  const measured = [tighten[size], MARKS[size], mixed[size], heartbeat[size], signed[size], naive[size]];
  const cells = [...measured, PEERS.steward[size], PEERS.oracle[size], physicalLimit(size)];
  console.log(`| ${size} | ${cells.map((cell) => (cell === null ? "" : number(cell))).join(" | ")} |`);
}
for (const [name, { cold, warm }] of Object.entries(table.reads)) {
  console.log(`read ${name}: ${number(cold)} cold, ${number(warm)} warm`);
}
console.log(`a guardian's closing: ${number(table.closing)}; a writer's trip: ${number(table.trip)}`);
console.log(`limits of a class over 101 markets: ${number(table.setLimits)}`);
console.log(`bytecode: ${number(table.bytecodeBytes)} of 24 576 bytes`);
console.log(`deployment: ${number(table.deployment)} of 16 777 216 gas`);
