import { TonsorError } from "../domain/errors.ts";
import type { AskHidden } from "../runtime/signingKey.ts";

const [ENTER, NEWLINE, INTERRUPT, END, BACKSPACE, DELETE] = ["\r", "\n", "\u0003", "\u0004", "\b", "\u007f"];

/**
 * Asks on the terminal, without echo, and returns one line. The question goes to stderr, so that stdout stays a result.
 * @throws TonsorError `BAD_ARGUMENT` when there is no terminal to ask on, or the answer was broken off
 */
export const askHidden: AskHidden = async (question) => {
  const { stdin } = process;
  if (!stdin.isTTY) {
    const expected = "a password file, or a terminal to ask on";
    throw new TonsorError("BAD_ARGUMENT", `nobody can be asked: ${question}`, { expected });
  }
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  process.stderr.write(`${question}: `);
  try {
    let line = "";
    for (;;) {
      const typed = await new Promise<string>((resolve) => stdin.once("data", (text) => resolve(String(text))));
      for (const letter of typed) {
        if (letter === ENTER || letter === NEWLINE) return line;
        if (letter === INTERRUPT || letter === END) throw new TonsorError("BAD_ARGUMENT", "the answer was broken off");
        line = letter === BACKSPACE || letter === DELETE ? line.slice(0, -1) : line + letter;
      }
    }
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write("\n");
  }
};
