import { measureGas } from "./gas/measure.ts";

/**
 * Prints what the parameter contract costs, as measured now on a Hardhat network in this process.
 * Use: node scripts/gasTable.ts
 */
const table = await measureGas();
const number = (value: number) => value.toLocaleString("en-US").replaceAll(",", " ");

console.log("| transaction | gas |\n|---|---:|");
for (const [markets, gas] of Object.entries(table.update)) console.log(`| update of ${markets} | ${number(gas)} |`);
console.log(`| each further market | ${number(table.marginal)} |`);
console.log(`| setMode (trip) | ${number(table.setMode)} |`);
console.log(`| listMarket | ${number(table.listMarket)} |`);
console.log("\n| read, from a contract | cold | warm |\n|---|---:|---:|");
for (const [name, { cold, warm }] of Object.entries(table.reads)) {
  console.log(`| ${name} | ${number(cold)} | ${number(warm)} |`);
}
console.log(`\nBytecode: ${number(table.bytecodeBytes)} of 24 576 bytes.`);
