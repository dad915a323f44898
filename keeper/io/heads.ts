/** A node closes what it holds to be idle, and a dead line says nothing: without a word for so long, ms, the line is opened anew. */
const SILENT_MS = 60_000;
const [LEAST_WAIT_MS, MOST_WAIT_MS] = [1_000, 30_000];
/** A head has some two thousand characters. */
const MOST_CHARACTERS = 65_536;
const SUBSCRIBE = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] });

/** What is told of a node's heads. */
type HeadHandlers = {
  /** The node takes the subscription; again with each line. */
  readonly onSubscribed: () => void;
  /** A block is new. What the node says of it is not handed on: who acts on it reads the chain as always. */
  readonly onHead: () => void;
  /** The line ended or never stood, and is opened again in a moment. */
  readonly onProblem: (problem: Error) => void;
};

/**
 * Calls `onHead` for every block that a node announces over a WebSocket (`eth_subscribe newHeads`), until the returned function
 * is called. A line that ends, is refused, is silent for a minute or says more than 64 kB at once is opened again after a second, then
 * twice as long each time, half a minute at most, until a head comes.
 * @param url ws:// or wss://, which may hold a secret; it is in no problem
 * @example const close = followHeads("ws://127.0.0.1:8545", { onSubscribed() {}, onHead: () => look(), onProblem: console.error })
 */
export function followHeads(url: string, { onSubscribed, onHead, onProblem }: HeadHandlers): () => void {
  const closed = new AbortController();
  let waitMs = LEAST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;

  const open = () => {
    const socket = new WebSocket(url);
    const line = new AbortController();
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => end("nothing was heard for a minute"), SILENT_MS);
    };
    const end = (why: string) => {
      if (line.signal.aborted) return;
      line.abort();
      clearTimeout(timer);
      socket.close();
      if (closed.signal.aborted) return;
      onProblem(new Error(`the announcements of new blocks ended: ${why}`));
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(2 * waitMs, MOST_WAIT_MS);
    };
    const until = { signal: line.signal };
    socket.addEventListener("open", () => socket.send(SUBSCRIBE), until);
    socket.addEventListener("close", ({ code }) => end(`code ${code}`), until);
    socket.addEventListener("error", () => end("no WebSocket answers there"), until);
    socket.addEventListener(
      "message",
      ({ data }) => {
        heard();
        const said = saidBy(data);
        if (said.refused !== undefined) return end(said.refused);
        if (said.isAnswer) onSubscribed();
        if (!said.isHead) return;
        waitMs = LEAST_WAIT_MS;
        onHead();
      },
      until,
    );
    closed.signal.addEventListener("abort", () => end("closed"), until);
    heard();
  };
  open();
  return () => {
    closed.abort();
    clearTimeout(timer);
  };
}

/** Whether a message takes the subscription, or announces a block; and why the line is of no use where it does not. */
function saidBy(data: unknown): { readonly isAnswer: boolean; readonly isHead: boolean; readonly refused?: string } {
  const neither = { isAnswer: false, isHead: false };
  if (typeof data !== "string" || data.length > MOST_CHARACTERS) return { ...neither, refused: "no message of a node" };
  try {
    const { result, method, error } = JSON.parse(data) as Partial<Record<"result" | "method", unknown>> & {
      error?: { message?: unknown };
    };
    if (error === undefined) return { isAnswer: typeof result === "string", isHead: method === "eth_subscription" };
    return { ...neither, refused: `the node refuses: ${String(error?.message).slice(0, 100)}` };
  } catch {
    return { ...neither, refused: "a message that is no JSON" };
  }
}
