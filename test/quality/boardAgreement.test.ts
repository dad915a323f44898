import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OptionBoard } from "../../keeper/domain/observation.ts";
import { DEFAULT_QUALITY } from "../../keeper/markets/defaults.ts";
import { estimatesAt } from "../../keeper/model/estimates.ts";
import { agreeBoards } from "../../keeper/quality/boardAgreement.ts";
import { calmBoard } from "../support/observations.ts";

const NOW = 1_770_000_000;
const board = (venue: string, iv: number, index = 3_000): OptionBoard => ({
  ...calmBoard("ETH", NOW - 4, index, iv),
  source: `${venue}:ETH:options`,
});
const agree = (...boards: readonly OptionBoard[]) => agreeBoards(boards, DEFAULT_QUALITY, estimatesAt(NOW));
const venues = (boards: readonly OptionBoard[]) => boards.map(({ source }) => source.split(":")[0]);
const faults = (found: ReturnType<typeof agree>) =>
  found.faults.map(({ code, source }) => `${code} ${source.split(":")[0]}`);

describe("agreeBoards", () => {
  it("passes a single board, and none, without a look", () => {
    const blind = { ...board("a", 0.5), quotes: [] };
    assert.deepEqual(agree(blind), { accepted: [blind], middle: blind, faults: [] });
    assert.deepEqual(agree(), { accepted: [], middle: null, faults: [] });
  });

  it("keeps boards that agree, in the order given", () => {
    const found = agree(board("a", 0.5), board("b", 0.51), board("c", 0.495));
    assert.deepEqual([venues(found.accepted), faults(found)], [["a", "b", "c"], []]);
    assert.equal(found.middle?.source, "a:ETH:options");
  });

  it("sets aside of three and more whoever is more than 5 % from the median volatility, and says by how much", () => {
    const found = agree(board("a", 0.5), board("b", 0.65), board("c", 0.505));
    assert.deepEqual([venues(found.accepted), faults(found)], [["a", "c"], ["DISAGREES b"]]);
    assert.match(
      found.faults[0]?.detail ?? "",
      /30-day volatility 6\d\.\d %, median of the venues 50\.\d %, limit 5 %/,
    );
    assert.deepEqual(venues(agree(board("a", 0.3), board("b", 0.5), board("c", 0.5), board("d", 0.9)).accepted), [
      "b",
      "c",
    ]);
  });

  it("sets aside whoever prices the coin itself otherwise", () => {
    const found = agree(board("a", 0.5), board("b", 0.5, 3_900), board("c", 0.5));
    assert.deepEqual([venues(found.accepted), faults(found)], [["a", "c"], ["DISAGREES b"]]);
  });

  it("names both of two that contradict each other by price, keeps both, and takes the higher volatility for the middle", () => {
    const found = agree(board("a", 0.5), board("b", 0.8));
    assert.deepEqual(venues(found.accepted), ["a", "b"]);
    assert.deepEqual(faults(found), ["DISAGREES a"]);
    assert.equal(found.middle?.source, "b:ETH:options");
  });

  it("sets a board aside from which no volatility can be read, while another is left", () => {
    const blind = {
      ...board("a", 0.5),
      quotes: board("a", 0.5)
        .quotes.filter(({ kind }) => kind === "call")
        .slice(0, 3),
    };
    const found = agree(blind, board("b", 0.5));
    assert.deepEqual([venues(found.accepted), faults(found)], [["b"], ["TOO_FEW a"]]);
    const none = agree(blind, { ...blind, source: "b:ETH:options" });
    assert.deepEqual([venues(none.accepted), faults(none)], [["a"], ["TOO_FEW a", "TOO_FEW b"]]);
  });

  it("keeps all when each is somebody's outlier: the medians decide", () => {
    const found = agree(board("a", 0.5, 3_000), board("b", 0.8, 3_001), board("c", 0.3, 4_000));
    assert.equal(found.accepted.length, 1);
    const odd = agree(board("a", 0.5, 3_900), board("b", 0.8, 3_001), board("c", 0.3, 3_000));
    assert.deepEqual(venues(odd.accepted), ["a", "b", "c"]);
  });

  it("does not depend on the order but in its own", () => {
    const all = [board("a", 0.5), board("b", 0.65), board("c", 0.505), board("d", 0.498)];
    const forward = agree(...all);
    const backward = agree(...all.toReversed());
    assert.deepEqual(venues(backward.accepted).sort(), venues(forward.accepted).sort());
    assert.equal(backward.middle?.source, forward.middle?.source);
  });
});
