import assert from "node:assert/strict";
import { before, test } from "node:test";
import { compiled } from "../support/compiled.ts";
import { checkNotice } from "./noticeWorld.ts";

before(() => compiled());

test("The minute told to a borrower is the first at which a real Aave lets it be liquidated: twenty loans.", async (t) => {
  const found = await checkNotice(20);
  assert.ok(found.due >= 8 && found.minutes >= 6 && found.never >= 2 && found.states >= 2, JSON.stringify(found));
  t.diagnostic(JSON.stringify(found));
});
