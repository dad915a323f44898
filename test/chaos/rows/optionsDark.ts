import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { lookOnce } from "../support/lookOnce.ts";

/** The options venue answers nothing while the recorded price falls through its worst days. */
export const optionsDark: ChaosRow = {
  fault: "options venue dark for hours during a fall (as on 26 Nov 2020)",
  mark: "ladder takes over; initial never falls",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("dark");
    const proxy = await httpFaultProxy(world.venueUrl);
    const environment = { TONSOR_STATE: state, VENUE_URLS: `deribit=${proxy.url}` };
    const findings: Finding[] = [];
    try {
      await world.advance();
      await lookOnce(world, environment);
      const audit = await beginAudit(world);
      // Boards and index are gone; candles, another machine of the venue, are gone as well by the seed.
      const all = random() < 0.5;
      note(all ? "the whole venue is dark" : "boards and index are dark");
      const dark = all ? /./ : /book_summary|volatility_index|get_instruments/;
      proxy.rule = ({ path }) => (dark.test(path) ? "badGateway" : "none");
      const initials: number[][] = [(await world.chain()).markets.map((one) => one.storedInitialBps)];
      let blind = 0;
      for (let step = 0; step < (short ? 2 : 5); step++) {
        await world.advance(2);
        const { code, out, err } = await lookOnce(world, environment);
        if (code !== 0 || !out.includes("volatility")) {
          blind += 1;
          note(`a look without a decision: exit ${code}, ${err.trim().split("\n").at(-1) ?? ""}`);
        }
        initials.push((await world.chain()).markets.map((one) => one.storedInitialBps));
      }
      const falls = initials.filter((row, n) => row.some((bps, i) => bps < (initials[n - 1]?.[i] ?? 0))).length;
      const explained = await world.tonsor("explain WETH", environment);
      findings.push(atMost("looks without a decision", blind, 0));
      findings.push(holds("the ladder has taken over", /ladder L[2-6]/.test(explained.out)));
      findings.push(atMost("times that initial fell", falls, 0));
      const { loosened } = await audit.ledger([state], true);
      proxy.rule = () => "none";
      await world.advance();
      const back = await lookOnce(world, environment);
      const ledger = await audit.ledger([state], back.code === 0);
      return { ledger: { ...ledger, loosened }, findings };
    } finally {
      await proxy.close();
    }
  },
};
