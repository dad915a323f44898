import assert from "node:assert/strict";
import { test } from "node:test";
import { openDeribit } from "../../../keeper/venues/deribit/parse.ts";
import { answer, healthyBook } from "./sample.ts";

const code = (body: string) => {
  const opened = openDeribit(body, "s");
  return "fault" in opened ? opened.fault.code : "opened";
};

test("the result of a healthy answer is handed on unchanged", () => {
  assert.deepEqual(openDeribit(answer([1, { a: null }]), "s"), { result: [1, { a: null }] });
});

test("an empty body is EMPTY", () => {
  assert.equal(code(""), "EMPTY");
  assert.equal(code(" \n"), "EMPTY");
});

test("HTML is NOT_JSON and the detail shows how it starts", () => {
  const opened = openDeribit("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "s");
  assert.equal("fault" in opened && opened.fault.code, "NOT_JSON");
  assert.match("fault" in opened ? opened.fault.detail : "", /<!DOCTYPE html>/);
});

test("a body cut at any point inside is TRUNCATED", () => {
  const whole = answer(healthyBook());
  for (let at = 1; at < whole.length; at += 7) assert.equal(code(whole.slice(0, at)), "TRUNCATED", `cut at ${at}`);
});

test("an escaped quote does not end a string", () => {
  assert.equal(code('{"a":"\\"}'), "TRUNCATED");
});

test("a bare NaN or Infinity is NOT_FINITE", () => {
  assert.equal(code('{"result":[{"mark_price":NaN}]}'), "NOT_FINITE");
  assert.equal(code('{"result":[1,-Infinity]}'), "NOT_FINITE");
});

test("garbage that is neither is NOT_JSON", () => {
  assert.equal(code('{"result":[1,,2]}'), "NOT_JSON");
  assert.equal(code("null garbage"), "NOT_JSON");
});

test("the venue's own error object is VENUE_ERROR with its code and words", () => {
  const body = '{"jsonrpc":"2.0","error":{"message":"too_many_requests","code":10028,"data":{"wait":1}}}';
  const opened = openDeribit(body, "s");
  assert.equal("fault" in opened && opened.fault.code, "VENUE_ERROR");
  assert.equal("fault" in opened && opened.fault.detail, 'code 10028: too_many_requests {"wait":1}');
  assert.equal(code('{"error":"text"}'), "VENUE_ERROR");
  assert.equal(code('{"error":{}}'), "VENUE_ERROR");
});

test("JSON of another shape is SCHEMA", () => {
  for (const body of ["[]", "1", '"x"', "null", "{}", '{"jsonrpc":"2.0"}']) assert.equal(code(body), "SCHEMA", body);
});

test("a million brackets neither throw nor take long", () => {
  assert.equal(code("[".repeat(1_000_000)), "TRUNCATED");
});
