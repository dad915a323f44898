import type { CommandSpec } from "../command.ts";
import { EXIT } from "../exitCode.ts";
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
