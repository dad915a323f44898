import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { followHeads } from "../../keeper/io/heads.ts";
import { webSocketServer } from "../support/webSocketServer.ts";

const HEAD = JSON.stringify({
  jsonrpc: "2.0",
  method: "eth_subscription",
  params: { subscription: "0x1", result: {} },
});
const TAKEN = JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x1" });

describe("the announcements of new blocks", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** What is heard of a server that speaks so, until there were so many problems or heads. */
  async function heard(say: (line: number) => readonly string[], ends: { heads?: number; problems?: number }) {
    const server = await webSocketServer(say);
    const problems: string[] = [];
    const over = Promise.withResolvers<void>();
    let heads = 0;
    let taken = 0;
    const check = () => {
      if (heads === ends.heads || problems.length === ends.problems) over.resolve();
    };
    const close = followHeads(server.url, {
      onSubscribed() {
        taken += 1;
      },
      onHead() {
        heads += 1;
        check();
      },
      onProblem({ message }) {
        problems.push(message);
        check();
      },
    });
    closers.push(close, server.close);
    await over.promise;
    return { heads, taken, problems, server, close };
  }

  it("are one call each, whatever a node says of the block; its answer to the subscription is none, and told apart", async () => {
    const { heads, taken, problems } = await heard(() => [TAKEN, HEAD, HEAD, HEAD], { heads: 3 });
    assert.deepEqual([heads, taken, problems], [3, 1, []]);
  });

  for (const [what, said, problem] of [
    [
      "a refusal",
      JSON.stringify({ id: 1, error: { code: -32_601, message: "no such method" } }),
      /refuses: no such method$/,
    ],
    ["no JSON", "<html>", /no JSON$/],
    [
      "more than a head",
      JSON.stringify({ method: "eth_subscription", params: "x".repeat(65_536) }),
      /no message of a node$/,
    ],
    ["JSON that is nothing", "null", /no JSON$/],
  ] as const) {
    it(`are asked for anew after ${what}`, async () => {
      const saying = (line: number) => (line === 0 ? [said, TAKEN, HEAD] : [HEAD]);
      const { heads, taken, problems, server } = await heard(saying, { heads: 1 });
      assert.equal(taken, 0);
      assert.equal(heads, 1, "what follows on the line that is given up is not heard");
      assert.equal(server.lines(), 2);
      assert.match(problems.join(), problem);
    });
  }

  it("are asked for anew where nobody listens, and no more once they are closed", async () => {
    const server = await webSocketServer(() => []);
    server.close();
    const problem = Promise.withResolvers<Error>();
    const close = followHeads(`${server.url}/secret`, {
      onSubscribed: assert.fail,
      onHead: assert.fail,
      onProblem: problem.resolve,
    });
    closers.push(close);
    assert.match(
      (await problem.promise).message,
      /^the announcements of new blocks ended: (no WebSocket answers there|code 1006)$/,
    );
  });

  it("end with the line when they are closed", async () => {
    const { close, server } = await heard(() => [HEAD], { heads: 1 });
    await server.line();
    close();
    const until = performance.now() + 5_000;
    while (server.open() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual([server.open(), server.lines()], [0, 1]);
  });
});
