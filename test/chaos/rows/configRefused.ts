import { spawnAnvil } from "../../../keeper/simulation/replica/anvil.ts";
import { type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";

/** Everything that an operator can get wrong before the start. */
export const configRefused: ChaosRow = {
  fault: "config typo, wrong chain, bounds crossed, unknown market, dev key on mainnet",
  mark: "refuses to start, every problem at once with its path",
  gate: true,
  async run({ world: open, random }) {
    const world = await open();
    const audit = await beginAudit(world);
    const findings: Finding[] = [];
    const typo = ["TONSOR_PAUSE", "TONSOR_STAT", "KEEPER_PRIVATE_KY"][Math.floor(random() * 3)] ?? "TONSOR_PAUSE";
    await world.write(
      "crossed.json",
      JSON.stringify({ markets: ["WETH", "DOGE"], schedule: { hardTimeoutSeconds: 2 } }),
    );
    const many = await world.tonsor("run", {
      [typo]: "1",
      STATUS_PORT: "99999",
      CHAIN_ID: "1",
      TONSOR_CONFIG: "crossed.json",
    });
    findings.push(holds("exit code of a wrong configuration is 78", many.code === 78, String(many.code)));
    for (const path of [typo, "STATUS_PORT", "markets", "schedule.hardTimeoutSeconds", "KEEPER_PRIVATE_KEY"]) {
      findings.push(holds(`names ${path}`, many.err.includes(path)));
    }
    const other = await spawnAnvil({ chainId: 1 });
    try {
      const wrong = await world.tonsor("run", { RPC_URL: other.url });
      findings.push(holds("a node of another chain ends it with 78", wrong.code === 78, String(wrong.code)));
      findings.push(holds("and is named WRONG_CHAIN", wrong.err.includes("WRONG_CHAIN")));
    } finally {
      await other.close();
    }
    const mainnet = await world.tonsor("run", { CHAIN_ID: "1" });
    findings.push(holds("a plaintext key on mainnet is refused", mainnet.code === 78, String(mainnet.code)));
    const secret = world.key.slice(2);
    findings.push(holds("the key stands in no answer", ![many, mainnet].some((one) => one.err.includes(secret))));
    const sent = await audit.applied();
    return { ledger: { ...(await audit.ledger([], true)), lost: sent }, findings };
  },
};
