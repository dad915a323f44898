import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import type { FaultCode } from "../../keeper/domain/fault.ts";
import type { Observation, Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { ask } from "../../keeper/quality/acceptance.ts";
import { type Connection, connect } from "../../keeper/venues/connection.ts";
import type { Venue } from "../../keeper/venues/venue.ts";
import { loopback } from "../support/loopback.ts";
import { assertSound } from "./assertSound.ts";
import { survivesMutation } from "./survivesMutation.ts";

/** The fault by which a board is refused for its age. */
function ageFault(board: OptionBoard, now: number): FaultCode | undefined {
  const observed = [{ source: board.source, observation: board, faults: [] }];
  return ask(observed, ["optionBoard"], board.source, { now, maxAgeSeconds: 60, maxFutureSeconds: 5 }).faults[0]?.code;
}

/** What every options venue must survive in its own records; a new venue says how it would send each. */
const MISBEHAVIOURS = {
  nanMark: { code: "NOT_FINITE", sentence: "a mark that is not a number" },
  zeroMark: { code: "NOT_POSITIVE", sentence: "a mark of zero" },
  negativeBid: { code: "NOT_POSITIVE", sentence: "a bid below zero" },
  crossed: { code: "CROSSED", sentence: "a bid above the ask" },
  impossible: { code: "INCONSISTENT", sentence: "a mark above the option's largest value" },
  belowIntrinsic: { code: "BELOW_INTRINSIC", sentence: "a mark below the option's intrinsic value" },
  duplicated: { code: "DUPLICATE", sentence: "an instrument sent twice" },
  contradicted: { code: "DUPLICATE", sentence: "an instrument sent twice with two marks" },
  unitOfVolatility: { code: "UNIT_SUSPECT", sentence: "volatility in the other unit (percent for fraction)" },
  volatilityAbove1000: { code: "UNIT_SUSPECT", sentence: "one volatility above 1000 %" },
  zeroVolatility: { code: "NOT_POSITIVE", sentence: "a volatility of zero" },
  unitOfTime: { code: "UNIT_SUSPECT", sentence: "seconds sent for milliseconds" },
  expired: { code: "INCONSISTENT", sentence: "an option already expired" },
  notAnOption: { code: "SCHEMA", sentence: "an instrument that is no option" },
  missingField: { code: "SCHEMA", sentence: "a record without a field that is needed" },
  empty: { code: "EMPTY", sentence: "a list without records" },
  refusal: { code: "VENUE_ERROR", sentence: "the venue's own error object" },
  otherShape: { code: "SCHEMA", sentence: "JSON of another shape" },
} as const satisfies Record<string, { code: FaultCode; sentence: string }>;
type Misbehaviour = keyof typeof MISBEHAVIOURS;

/** Bodies by a piece of the path that asks for them. */
export type Bodies = Readonly<Record<string, string>>;

/** Healthy answers and each misbehaviour as this venue would send it. */
export type VenueRecording = {
  /** When it was taken, Unix seconds. */
  readonly now: number;
  readonly currency: string;
  /** All answers of one board; `eventTime` in Unix seconds. */
  readonly board: (eventTime: number) => Bodies;
  /** Laid over the healthy board. */
  readonly spoiledBoard: Readonly<Record<Misbehaviour, Bodies>>;
  /** A first bid of zero: documented as "no bid" or merely read so. */
  readonly zeroBid: { readonly bodies: Bodies; readonly isSaid: boolean };
  /** The column of volatilities multiplied. */
  readonly scaledVolatility: (factor: number) => Bodies;
  /** The adapter's parser alone, for mutations by the thousand. */
  readonly parse: (bodies: Bodies) => Observed<OptionBoard>;
  /** What the venue may answer to too many requests without naming a time. */
  readonly tooMany: readonly { readonly status: number; readonly body: string }[];
  /** Reads beside the board, each by a piece of its path. */
  readonly others?: Readonly<
    Record<
      string,
      { readonly body: string; readonly read: (source: Connection, signal?: AbortSignal) => Promise<Observed> }
    >
  >;
};

type Serve = (response: ServerResponse, request: IncomingMessage) => void;

/** The whole test of an options venue: its adapter against a loopback server that misbehaves in every known way. */
export function behavesLikeOptionsVenue(
  venue: Venue & Required<Pick<Venue, "board">>,
  recording: VenueRecording,
): void {
  const { now, currency } = recording;
  const readBoard = async (source: Connection, signal?: AbortSignal) =>
    (await source.board?.(currency, signal)) ?? assert.fail("no board");
  const others = Object.entries(recording.others ?? {});
  const healthy = recording.board(now);
  const everything: Bodies = { ...healthy, ...Object.fromEntries(others.map(([path, { body }]) => [path, body])) };
  const reads = [["board", readBoard] as const, ...others.map(([path, { read }]) => [path, read] as const)];

  const bodyFor = (request: IncomingMessage, bodies: Bodies): string => {
    const path = Object.keys(bodies).find((piece) => request.url?.includes(piece));
    assert.ok(path !== undefined, `nobody documented ${request.url}`);
    return bodies[path] ?? "";
  };
  const answers =
    (bodies: Bodies, change: (body: string) => string = (body) => body): Serve =>
    (response, request) => {
      response.end(change(bodyFor(request, bodies)));
    };
  /** One read against a server that answers every request with `serve`. */
  const observe = async (
    read: (source: Connection, signal?: AbortSignal) => Promise<Observed>,
    serve: Serve,
    signal?: AbortSignal,
    timeoutMs = 10_000,
  ): Promise<Observed<Observation>> => {
    const server = await loopback((request, response) => serve(response, request));
    try {
      return await read(connect<Venue>(venue, { baseUrl: server.url, timeoutMs, maxBytes: 2_000_000 }), signal);
    } finally {
      await server.close();
    }
  };
  const says = (body: string, status = 200): Serve => {
    return (response) => {
      response.statusCode = status;
      response.end(body);
    };
  };
  const boardOf = (observed: Observed<Observation>): OptionBoard => {
    assert.equal(observed.observation?.kind, "optionBoard");
    return observed.observation as OptionBoard;
  };
  const first = (observed: Observed<Observation>) => observed.faults[0]?.code;

  test(`${venue.id}: healthy answers come through in fractions and USD, without faults`, async () => {
    for (const [, read] of reads) {
      const one = await observe(read, answers(everything));
      assert.deepEqual(one.faults, []);
      assert.equal(one.source, one.observation?.source);
      assert.ok(one.source.startsWith(`${venue.id}:`));
      assertSound(one.observation);
    }
  });

  for (const [name, { code, sentence }] of Object.entries(MISBEHAVIOURS)) {
    test(`${venue.id}: ${sentence} is ${code}`, async () => {
      const spoiled = { ...everything, ...recording.spoiledBoard[name as Misbehaviour] };
      const observed = await observe(readBoard, answers(spoiled));
      assert.ok(
        observed.faults.some((one) => one.code === code),
        JSON.stringify(observed.faults),
      );
      assertSound(observed.observation);
    });
  }

  test(`${venue.id}: a zero bid is no bid${recording.zeroBid.isSaid ? ", with a fault" : ", as documented"}`, async () => {
    const observed = await observe(readBoard, answers({ ...everything, ...recording.zeroBid.bodies }));
    assert.equal(boardOf(observed).quotes[0]?.bidCoin, null);
    assert.equal(boardOf(observed).quotes.length, boardOf(await observe(readBoard, answers(everything))).quotes.length);
    assert.deepEqual(
      observed.faults.map((one) => one.code),
      recording.zeroBid.isSaid ? ["NOT_POSITIVE"] : [],
    );
  });

  for (const [kind, read] of reads) {
    test(`${venue.id}: ${kind}: a web page instead of JSON is NOT_JSON`, async () => {
      assert.equal(first(await observe(read, says("<html><h1>Just a moment...</h1></html>"))), "NOT_JSON");
    });
    test(`${venue.id}: ${kind}: an answer cut short is TRUNCATED`, async () => {
      const cut = answers(everything, (body) => body.slice(0, Math.floor(body.length * 0.7)));
      assert.equal(first(await observe(read, cut)), "TRUNCATED");
    });
    test(`${venue.id}: ${kind}: status 502 is HTTP_STATUS`, async () => {
      assert.equal(first(await observe(read, says("<html>Bad Gateway</html>", 502))), "HTTP_STATUS");
    });
    test(`${venue.id}: ${kind}: an empty body is EMPTY`, async () => {
      assert.equal(first(await observe(read, says(""))), "EMPTY");
    });
    test(`${venue.id}: ${kind}: a socket that hangs is UNREACHABLE`, async () => {
      assert.equal(first(await observe(read, () => undefined, undefined, 150)), "UNREACHABLE");
    });
    test(`${venue.id}: ${kind}: a caller who gives up is not held`, async () => {
      assert.equal(first(await observe(read, () => undefined, AbortSignal.abort())), "UNREACHABLE");
    });
    test(`${venue.id}: ${kind}: a 50 MB body is TOO_LARGE and never held`, async () => {
      const chunk = Buffer.alloc(1_000_000, 0x20);
      let most = 0;
      const observed = await observe(read, (response) => {
        let sent = 0;
        const push = (): void => {
          while (sent < 50e6 && !response.destroyed) {
            sent += chunk.length;
            most = Math.max(most, sent);
            if (!response.write(chunk)) return void response.once("drain", push);
          }
          response.end();
        };
        push();
      });
      assert.equal(first(observed), "TOO_LARGE");
      assert.ok(most < 25e6, `took ${most} bytes of a body capped at 2 MB`);
    });
  }

  for (const path of Object.keys(healthy)) {
    test(`${venue.id}: without ${path} there is no board, and the reason is named`, async () => {
      const observed = await observe(readBoard, (response, request) => {
        if (request.url?.includes(path)) response.statusCode = 502;
        response.end(response.statusCode === 502 ? "" : bodyFor(request, healthy));
      });
      assert.equal(observed.observation, null);
      assert.deepEqual(
        observed.faults.map((one) => one.code),
        ["HTTP_STATUS"],
      );
    });
  }

  for (const { status, body } of recording.tooMany) {
    const what = `status ${status}, ${body.slice(0, 40)}`;
    test(`${venue.id}: refused for asking too often (${what}), it rests, and an impatient caller is not held`, async () => {
      await restsAfter((response) => {
        response.statusCode = status;
        response.end(body);
      });
    });
  }

  test(`${venue.id}: it rests as long as Retry-After says`, async () => {
    await restsAfter((response) => {
      response.writeHead(429, { "retry-after": "600" });
      response.end();
    });
  });

  async function restsAfter(refuse: (response: ServerResponse) => void): Promise<void> {
    const server = await loopback((_, response) => refuse(response));
    const source = connect<Venue>(venue, { baseUrl: server.url });
    const refused = await readBoard(source);
    const asked = server.requests.length;
    const impatient = await readBoard(source, AbortSignal.timeout(30));
    await server.close();
    assert.equal(refused.observation, null);
    assert.ok(["HTTP_STATUS", "VENUE_ERROR"].includes(first(refused) ?? ""), first(refused));
    assert.equal(first(impatient), "UNREACHABLE");
    assert.equal(server.requests.length, asked, "asked again while it should rest");
  }

  test(`${venue.id}: a stale board carries its own time, so that its age is seen`, async () => {
    const board = boardOf(await observe(readBoard, answers(recording.board(now - 3600))));
    assert.equal(ageFault(board, now), "STALE");
  });

  test(`${venue.id}: a board from the future carries its own time, so that the skew is seen`, async () => {
    const board = boardOf(await observe(readBoard, answers(recording.board(now + 600))));
    assert.equal(ageFault(board, now), "FUTURE");
  });

  test(`${venue.id}: a frozen payload parses to the same board every time, and so grows old`, async () => {
    const server = await loopback((request, response) => answers(healthy)(response, request));
    const source = connect<Venue>(venue, { baseUrl: server.url });
    const boards = [await readBoard(source), await readBoard(source)].map(boardOf);
    await server.close();
    assert.deepEqual(boards[0], boards[1]);
    assert.equal(ageFault(boards[1] as OptionBoard, now + 61), "STALE");
  });

  test(`${venue.id}: quotes that stand still while its clock goes on are FROZEN after a minute`, async () => {
    let time = now;
    const server = await loopback((request, response) => answers(recording.board(time))(response, request));
    const source = connect<Venue>(venue, { baseUrl: server.url });
    const seen: (FaultCode | undefined)[] = [];
    for (const step of [0, 30, 60, 61, 120]) {
      time = now + step;
      seen.push(first(await readBoard(source)));
    }
    await server.close();
    assert.deepEqual(seen, [undefined, undefined, undefined, "FROZEN", "FROZEN"]);
  });

  survivesMutation(venue.id, recording);
}
