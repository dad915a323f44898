import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { type HttpFaultProxy, httpFaultProxy } from "../support/httpFaultProxy.ts";

/** Three nodes, of which two are silent and the third lies, or answers for another chain. */
export const nodesLie: ChaosRow = {
  fault: "RPCs: 2 of 3 time out and the third forges; wrong chain id mid-run",
  mark: "nothing signed, recovers",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("nodes");
    const findings: Finding[] = [];
    const proxies: HttpFaultProxy[] = [];
    for (let n = 0; n < 3; n++) proxies.push(await httpFaultProxy(world.replica.url));
    const honest = () => {
      for (const proxy of proxies) proxy.rule = () => "none";
    };
    const environment = {
      TONSOR_STATE: state,
      RPC_URLS: proxies.map((proxy) => proxy.url).join(","),
      RPC_URL: undefined,
    };
    const liar = Math.floor(random() * 3);
    const lie = (change: (answer: string, body: string) => string) => {
      proxies.forEach((proxy, n) => {
        proxy.rule = ({ body }) => (n === liar ? { change: (answer) => change(answer, body) } : "badGateway");
      });
    };
    const lies: readonly (readonly [string, () => void])[] = [
      ["two silent, one forges every number", () => lie((answer) => answer.replaceAll(/"0x[0-9a-f]{200,}"/g, forged))],
      ["two silent, one of another chain", () => lie((answer) => answer.replaceAll('"0x7a69"', '"0x1"'))],
    ];
    try {
      await world.advance();
      const audit = await beginAudit(world);
      const first = await world.tonsor("once --json", environment);
      findings.push(holds("three honest nodes: an update lands", first.code === 0, String(first.code)));
      for (const [name, tell] of short ? lies.slice(0, 1) : lies) {
        note(name);
        await world.advance();
        const { sequence } = await world.chain();
        tell();
        const { code, err, out } = await world.tonsor("once --json", environment);
        const stands = (await world.chain()).sequence;
        findings.push(atMost(`${name}: batches sent`, Number(stands - sequence), 0));
        findings.push(holds(`${name}: no success`, code === 75 || code === 78, String(code)));
        findings.push(holds(`${name}: names why`, /QUORUM|quorum|WRONG_CHAIN|agree/.test(err + out)));
        honest();
        const back = await world.tonsor("once --json", environment);
        findings.push(holds(`${name}: recovers`, back.code === 0 && (await world.chain()).sequence > sequence));
      }
      return { ledger: { ...(await audit.ledger([state], true)), loosened: null }, findings };
    } finally {
      for (const proxy of proxies) await proxy.close();
    }
  },
};

/** The same bytes with the last digits of every word changed: another answer that still parses. */
function forged(answer: string): string {
  return answer.replaceAll("00", "01");
}
