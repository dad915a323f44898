import { NOTICE_STATES } from "../domain/position.ts";
import * as field from "./fields.ts";

const readAt = {
  blockNumber: field.number("block at which all of it was read"),
  time: field.unixSeconds("time of that block"),
};

export const rampsSchema = field.body("Ramps", {
  form: field.word(["tonsor.ramps.v1"], "fields may come, none goes or changes its meaning"),
  chainId: field.number("chain id"),
  contract: field.address("the parameter contract"),
  ...readAt,
  ramps: field.rows({
    market: field.name("the market"),
    marketId: field.number("its number in the contract"),
    fromBps: field.bps("maintenance at that block: `haircuts(marketId)`"),
    toBps: field.bps("its target: `storedMarket(marketId)`"),
    bpsPer30Days: field.bps("the most by which the contract moves it in any 30 days"),
    minGapBps: field.bps(
      "between initial and maintenance of a new loan at least; a rise's `bpsPer30Days` is at most this",
    ),
    freshUntil: field.unixSeconds("it stands still from then on unless newer data is written"),
    points: field.rows({
      maintenanceBps: field.bps("each on its way; the last is `toBps`"),
      time: field.unixSeconds(
        "first second at which it is reached, if nothing is written and data stays fresh; else later",
      ),
    }),
  }),
});

export const noticeSchema = field.body("Notice", {
  form: field.word(["tonsor.notice.v1"], "fields may come, none goes or changes its meaning"),
  account: field.address("as asked for"),
  ...readAt,
  lenders: field.rows({
    lender: field.name("a lender of the record"),
    state: field.word(field.namesOf(NOTICE_STATES)),
    words: field.text("the state in words"),
    healthFactor: field.number("by the lender's own count; null where nothing is owed or known").nullable(),
    liquidatableAt: field
      .unixSeconds(
        "first second, at unmoved prices and present balances, if nothing else is written; null: never, or not known",
      )
      .nullable(),
  }),
});
