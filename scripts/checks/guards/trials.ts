import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Guard } from "./guard.ts";
import { coinbaseOf, NOBODY } from "./instrument.ts";
import { partOf, ROOT, testsOf } from "./places.ts";
import type { Asked, Report } from "./solidityWorker.ts";
import { testNamed } from "./table.ts";
import type { Workshop } from "./workshop.ts";

/** Names of campaigns, which are asked last, and of what measures gas, of which code that is not optimized takes more. */
export const NOT_FIRST = "invariant|fits_a_transaction";

/** Runs tests against the contracts of a workshop with one guard taken away, or with all of them in place. */
export class Trials {
  readonly #folder: string;
  /** Solidity tests that were there when the copy was made. */
  readonly #tests: readonly string[];
  /** Tests that passed with every guard in place. */
  readonly #sound = new Set<string>();
  #worker: ChildProcess | undefined;

  constructor({ folder, tests }: Workshop) {
    this.#folder = folder;
    this.#tests = tests;
  }

  /** Compiles the workshop if that has not been done. @throws Error what the compiler says. */
  async build(): Promise<void> {
    if (existsSync(join(this.#folder, "artifacts", "build-info"))) return;
    const { code, output } = await this.#run([join(ROOT, "node_modules", ".bin", "hardhat"), "build", "--quiet"], {});
    if (code !== 0) throw new Error(`the workshop does not compile:\n${output}`);
  }

  /** Whether this test fails without this guard (index of the workshop) and passes with it. @throws Error there is none such. */
  async fails(test: string, index: number): Promise<boolean> {
    const named = testNamed(test);
    const coinbase = coinbaseOf(index);
    if (named.language === "typescript") return (await this.typescript([named.file], coinbase, named.title)) === test;
    const which = { files: [named.file], only: `^${named.name}\\(` };
    if ((await this.solidity(coinbase, which)) === undefined) return false;
    const always = this.#sound.has(test) ? undefined : await this.solidity(NOBODY, which);
    if (always) throw new Error(`${always} fails with every guard in place`);
    this.#sound.add(test);
    return true;
  }

  /** Name of the first test found to fail without this guard (index of the workshop): of its part, most telling tests first. */
  async killerOf(index: number, { file }: Guard): Promise<string | undefined> {
    const coinbase = coinbaseOf(index);
    const part = partOf(file);
    const only = testsOf.solidity(part).filter((one) => this.#tests.includes(one));
    const solidity = async (which: Omit<Asked, "coinbase" | "files">) =>
      only.length === 0 ? undefined : this.solidity(coinbase, { files: only, ...which });
    return (
      (await solidity({ exclude: NOT_FIRST })) ??
      (await this.typescript(testsOf.typescript(part, file), coinbase)) ??
      (await solidity({ only: "invariant" }))
    );
  }

  /** The first Solidity test that fails, those without random numbers before the others. */
  async solidity(coinbase: string, which: Omit<Asked, "coinbase">): Promise<string | undefined> {
    const worker = await this.#ready();
    const reply = once(worker, "message");
    worker.send({ coinbase, ...which } satisfies Asked);
    const { ran, failed } = ((await reply) as [Report])[0];
    // A part may have no campaign.
    if (ran === 0 && which.only !== "invariant") throw new Error("no Solidity test ran");
    return failed.find((name) => !/\.(test_fuzz|invariant)_/.test(name)) ?? failed[0];
  }

  /**
   * The first TypeScript test that fails. A failure counts only of a file that passes with every guard in place.
   * @throws Error the file that does not.
   */
  async typescript(files: readonly string[], coinbase: string, title?: string): Promise<string | undefined> {
    for (const file of files) {
      const failed = await this.#failureOf(file, coinbase, title);
      if (failed === undefined) continue;
      const sound = `${file} ${title}`;
      if (!this.#sound.has(sound)) {
        const always = await this.#failureOf(file, NOBODY, title);
        if (always) throw new Error(`${basename(file)}: ${always} fails with every guard in place`);
        this.#sound.add(sound);
      }
      return `${basename(file)}: ${failed}`;
    }
    return undefined;
  }

  async #failureOf(file: string, coinbase: string, title?: string): Promise<string | undefined> {
    const pattern = title ? [`--test-name-pattern=${title.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}`] : [];
    const env = { GUARD_COINBASE: coinbase, CONTRACT_STEPS: "600", NODE_TEST_CONTEXT: undefined };
    const { code, output } = await this.#run(
      // The copy is not optimized: what it costs says nothing.
      [process.execPath, "--test", "--test-reporter=tap", "--test-skip-pattern=/ gas to /", ...pattern, file],
      env,
    );
    if (code === 0) return undefined;
    return /^\s*not ok \d+ - (.+)$/m.exec(output)?.[1] ?? "it does not run";
  }

  /** Runs a command in the workshop; ended at the first test that fails. */
  #run([command = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: this.#folder, env: { ...process.env, ...env }, stdio: "pipe" });
      let output = "";
      const take = (chunk: Buffer) => {
        output += chunk.toString("utf8");
        if (/^\s*not ok \d+ - .+$/m.test(output)) child.kill();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, output }));
    });
  }

  async #ready(): Promise<ChildProcess> {
    if (this.#worker) return this.#worker;
    const script = join(ROOT, "scripts", "checks", "guards", "solidityWorker.ts");
    this.#worker = fork(script, { cwd: this.#folder, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await once(this.#worker, "message");
    return this.#worker;
  }

  close(): void {
    this.#worker?.kill();
  }
}
