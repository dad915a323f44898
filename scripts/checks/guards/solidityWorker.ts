/** Runs the Solidity tests of the workshop in which it is started, once for each coinbase it is sent. */
import hre from "hardhat";

type Suite = {
  readonly id: { readonly name: string };
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
};

/** What the parent asks for: under which coinbase, and which tests, by their files and a part of their names. */
export type Asked = {
  readonly coinbase: string;
  readonly files: readonly string[];
  readonly only?: string;
  readonly exclude?: string;
};
/** What it reports: tests that ran, and those that failed. */
export type Report = { readonly ran: number; readonly failed: readonly string[] };

const profile = hre.config.test.solidity.profiles["default"] as { coinbase?: string };
console.log = () => {};

process.on("message", async ({ coinbase, files, only, exclude }: Asked) => {
  profile.coinbase = coinbase;
  const task = hre.tasks.getTask(["test", "solidity"]);
  const { value, error } = await task.run({
    noCompile: true,
    testFiles: [...files],
    ...(only ? { grep: only } : {}),
    ...(exclude ? { grepExclude: exclude } : {}),
  });
  const suites: readonly Suite[] = (value ?? error)?.suiteResults ?? [];
  const failed = suites.flatMap(({ id, testResults }) =>
    testResults
      .filter(({ status }) => status === "Failure")
      .map(({ name }) => `${id.name}.${name.replace(/\(.*/, "")}`),
  );
  process.send?.({
    ran: suites.reduce((sum, { testResults }) => sum + testResults.length, 0),
    failed,
  } satisfies Report);
});
process.send?.({ ran: 0, failed: [] } satisfies Report);
