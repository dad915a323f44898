import { transactionHash } from "../arguments.ts";
import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";
import { renderVerify } from "../render/verification.ts";

export const verify: CommandSpec = {
  name: "verify",
  summary: "recompute a transaction's numbers from the chain and the stored evidence alone",
  arguments: [{ name: "<transaction>", description: "its hash; of one in the journal the beginning is enough" }],
  options: [
    {
      flags: "--evidence <place>",
      description:
        "a folder of evidence, or a web address: a keeper's /evidence, or any static server of such a folder; neither journal nor key is opened",
    },
  ],
  examples: [
    "tonsor verify 0x5c504e..2060 --evidence https://keeper.example/evidence",
    "tonsor verify 0x5c504e..2060",
    "tonsor verify 0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
  ],
  units: ["haircuts in %; exit code 1 when a single byte or basis point differs"],
  async run({ args, options, services, output }) {
    const hash = transactionHash(args[0]);
    const place = options["evidence"] as string | undefined;
    const result = await (await services()).verifyTransaction(hash, place);
    output.result(result, () => renderVerify(result, output.colour));
    return result.verified ? EXIT.ok : EXIT.failed;
  },
};
