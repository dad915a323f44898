import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  below,
  functionsOf,
  isNode,
  type Node,
  rangeOf,
  textOf,
  treesOf,
} from "../../../../scripts/checks/guards/ast.ts";
import { findGuards } from "../../../../scripts/checks/guards/findGuards.ts";
import { coinbaseOf, instrument } from "../../../../scripts/checks/guards/instrument.ts";
import { PASSES, REFUSING, REVERTING } from "../../../../scripts/checks/guards/names.ts";
import { sampleOf } from "../../../../scripts/checks/guards/sample.ts";
import { ARGUED } from "../../../../scripts/checks/guards/survivors.ts";
import { allGuards } from "../../../../scripts/checks/guards/workshop.ts";
import { argumentsOf, functionOf, isMask, namesOf } from "../../../../scripts/checks/guards/yulTree.ts";

const EXAMPLE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
contract Example {
    error No();
    address owner = msg.sender;
    modifier onlyOwner() { _checkOwner(); _; }
    function _checkOwner() internal view { if (msg.sender != owner) revert No(); }
    function set(uint256 a, uint256 b) external onlyOwner {
        if (a == 0 || b == 0) revert No();
        _check(a);
    }
    function either(uint256 a) external view { if (a == 0) _checkOwner(); else _check(a); }
    function _check(uint256 a) private pure { if (a > 9) revert No(); }
    function late(uint256 a) external pure returns (uint256 refusal) {
        if (a > 1) refusal = refuse(1, a, 1);
        if (refusal == 0) refusal = late2(a);
        return a < 9 ? refusal : refuse(3, a, 8);
    }
    function late2(uint256 a) private pure returns (uint256) {
        if (a > 5) { a = 5; }
        return a > 7 ? 0 : refuse(2, a, 7);
    }
    function refuse(uint256 a, uint256, uint256) private pure returns (uint256) { return a; }
    function fits(uint256 a, uint256 b) external pure returns (bool ok) {
        assembly {
            if gt(a, 9) { revert(0, 0) }
            ok := and(lt(a, 5), lt(b, 5))
        }
    }
}
`;

/** Functions whose refusal no condition leads to: PermissionsTest tries to renounce as every power. */
const UNCONDITIONAL = ["_fail", "renounceOwnership"];

describe("the guards of the contract", () => {
  const { guards, sources } = allGuards();

  it("are found in every form: condition, check, permission, reason to skip, clause in assembly", () => {
    const [source] = treesOf(new Map([["Example.sol", EXAMPLE]]));
    assert.ok(source);
    assert.deepEqual(
      findGuards(source).map(({ kind, name }) => `${kind} ${name}`),
      [
        "check Example.onlyOwner: _checkOwner()",
        "condition Example._checkOwner: msg.sender != owner",
        "permission Example.set: onlyOwner",
        "condition Example.set: a == 0",
        "condition Example.set: b == 0",
        "check Example.set: _check(a)",
        "check Example.either: _checkOwner()",
        "check Example.either: _check(a)",
        "condition Example._check: a > 9",
        "condition Example.late: a > 1",
        "check Example.late: refusal = late2(a)",
        "condition Example.late: a < 9",
        "condition Example.late2: a > 5",
        "condition Example.late2: a > 7",
        "assembly Example.fits: gt(a, 9)",
        "assembly Example.fits: lt(a, 5)",
        "assembly Example.fits: lt(b, 5)",
      ],
    );
  });

  it("compile with a switch in front of each, which names its own coinbase", () => {
    const { found, content } = switchedExample();
    for (const index of found.keys()) assert.ok(content.includes(coinbaseOf(index).replace(/^0x0+/, "0x")));
    assert.doesNotThrow(() => treesOf(new Map([["Example.sol", content]])));
  });

  it("leave an `else` to the `if` that it was written for", () => {
    const [switched] = treesOf(new Map([["Example.sol", switchedExample().content]]));
    assert.ok(switched);
    const either = [...functionsOf(switched)].find(({ node }) => node["name"] === "either");
    assert.ok(either);
    const ifs = [...below(either.node)].filter(({ nodeType }) => nodeType === "IfStatement");
    const withElse = ifs.filter(({ falseBody }) => isNode(falseBody));
    assert.deepEqual(
      withElse.map(({ condition }) => textOf(switched, condition as Node)),
      ["a == 0"],
    );
  });

  it("have names of their own", () => {
    const names = guards.map(({ file, name }) => `${file} ${name}`);
    assert.equal(new Set(names).size, names.length);
    for (const name of ARGUED.keys())
      assert.ok(
        guards.some((guard) => guard.name === name),
        `${name} is no guard any more`,
      );
  });

  it("are all there: no refusal in the sources is outside of one", () => {
    const outside: string[] = [];
    for (const source of sources) {
      const own = guards.filter(({ file }) => file === source.file);
      for (const { contract, node } of functionsOf(source)) {
        const name = String(node["name"] || node["kind"]);
        if (UNCONDITIONAL.includes(name)) continue;
        for (const refusal of refusalsOf(node)) {
          const leads = conditionsAbove(node, refusal);
          const guarded = own.some(({ cuts }) =>
            cuts.some((cut) => leads.some((at) => cut.start >= at.start && cut.end <= at.end)),
          );
          if (!guarded) outside.push(`${contract}.${name}: ${textOf(source, refusal)}`);
        }
      }
    }
    assert.deepEqual(outside, []);
  });

  it("in assembly are collected under names that are known", () => {
    const unknown: string[] = [];
    for (const source of sources) {
      for (const node of below(source.tree)) {
        const [name] = namesOf(node);
        const said = node["value"];
        if (name === undefined || !isNode(said) || node.nodeType !== "YulAssignment") continue;
        const joined = ["and", "or"].includes(functionOf(said) ?? "");
        const parts = argumentsOf(said);
        if (!joined || !parts.some((part) => part["name"] === name) || parts.some(isMask)) continue;
        if (!PASSES.has(name)) unknown.push(textOf(source, node));
      }
    }
    assert.deepEqual(unknown, []);
  });

  it("are drawn alike by the same seed and never twice", () => {
    const list = Array.from({ length: 50 }, (_, index) => index);
    assert.deepEqual(sampleOf(list, 10, 3), sampleOf(list, 10, 3));
    assert.notDeepEqual(sampleOf(list, 10, 3), sampleOf(list, 10, 4));
    assert.equal(new Set(sampleOf(list, 60, 3)).size, 50);
  });
});

function switchedExample() {
  const [source] = treesOf(new Map([["Example.sol", EXAMPLE]]));
  assert.ok(source);
  const found = findGuards(source);
  return { found, content: instrument(source, [...found.entries()]) };
}

/** Every revert, every refusal made, every call of a function that only reverts. */
function refusalsOf(of: Node): Node[] {
  return [...below(of)].filter((node) => {
    if (node.nodeType === "RevertStatement") return true;
    if (node.nodeType !== "FunctionCall" || !isNode(node["expression"])) return false;
    const name = String(node["expression"]["memberName"] ?? node["expression"]["name"]);
    return REVERTING.includes(name) || REFUSING.includes(name);
  });
}

/** Where the conditions of the `if`s stand that lead to a node. */
function conditionsAbove(of: Node, node: Node) {
  const { start, end } = rangeOf(node);
  return [...below(of)].flatMap((one) => {
    const way = { IfStatement: "trueBody", Conditional: "falseExpression" }[one.nodeType];
    if (way === undefined) return [];
    const ways = [one[way], one["falseBody"]].filter(isNode).map(rangeOf);
    const leads = ways.some((range) => range.start <= start && end <= range.end);
    return leads ? [rangeOf(one["condition"] as Node)] : [];
  });
}
