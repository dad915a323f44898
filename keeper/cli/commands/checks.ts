import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";
import { checksJson, renderDoctor } from "../render/checks.ts";

export const configCheck: CommandSpec = {
  name: "config check",
  summary: "check the configuration and the markets' governance numbers; touches no network",
  examples: ["tonsor config check", "tonsor config check --json"],
  units: ["every value is printed with its unit; exit code 78 when something must be corrected"],
  async run({ services, output }) {
    const checks = await (await services()).checkConfig();
    output.result(checksJson(checks), () => renderDoctor(checks, output.colour));
    return checks.some((check) => check.state === "fail") ? EXIT.config : EXIT.ok;
  },
};

export const doctor: CommandSpec = {
  name: "doctor",
  summary:
    "check endpoints, contract, the signer's power, sources, journal and evidence folder, with the cure for what is wrong",
  examples: ["tonsor doctor", "tonsor doctor --json | jq '.checks[] | select(.state != \"ok\")'"],
  units: ["every value is printed with its unit; exit code 1 when a check failed"],
  async run({ services, output }) {
    const checks = await (await services()).doctor();
    output.result(checksJson(checks), () => renderDoctor(checks, output.colour));
    return checks.some((check) => check.state === "fail") ? EXIT.failed : EXIT.ok;
  },
};
