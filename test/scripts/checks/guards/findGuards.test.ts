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
import { PASSES, REVERTING, STOPS } from "../../../../scripts/checks/guards/names.ts";
import { sampleOf } from "../../../../scripts/checks/guards/sample.ts";
import { ARGUED } from "../../../../scripts/checks/guards/survivors.ts";
import { allGuards } from "../../../../scripts/checks/guards/workshop.ts";
import { argumentsOf, functionOf, isMask, namesOf } from "../../../../scripts/checks/guards/yulTree.ts";

const EXAMPLE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
contract Example {
    enum SkipReason { NONE, LATE }
    error No();
    address owner = msg.sender;
    modifier onlyOwner() { _checkOwner(); _; }
    function _checkOwner() internal view { if (msg.sender != owner) revert No(); }
    function set(uint256 a, uint256 b) external onlyOwner {
        if (a == 0 || b == 0) revert No();
        _check(a);
    }
    function _check(uint256 a) private pure { if (a > 9) revert No(); }
    function late(uint256 a) external pure returns (SkipReason) {
        if (a > 1) return SkipReason.LATE;
        return SkipReason.NONE;
    }
    function fits(uint256 a, uint256 b) external pure returns (bool ok) {
        assembly {
            let good := lt(a, 5)
            good := and(good, lt(b, 5))
            ok := good
        }
    }
}
`;

/** Names that collect bits and are no guards: what is compared, and what is stored. */
const COLLECTS: ReadonlySet<string> = new Set(["lanes", "target", "initial", "loosened"]);

/** Refusals that no condition leads to: what comes after them is never reached, and what comes before is a guard. */
const UNCONDITIONAL = ["_fail", "_refuse", "_requireDoor", "ofPostcondition", "fallback"];

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
        "condition Example._check: a > 9",
        "condition Example.late: a > 1",
        "assembly Example.fits: lt(a, 5)",
        "assembly Example.fits: lt(b, 5)",
        "assembly Example.fits: good",
      ],
    );
  });

  it("compile with a switch in front of each, which names its own coinbase", () => {
    const [source] = treesOf(new Map([["Example.sol", EXAMPLE]]));
    assert.ok(source);
    const found = findGuards(source);
    const content = instrument(
      source,
      found.map((guard, index) => [index, guard]),
    );
    for (const index of found.keys()) assert.ok(content.includes(coinbaseOf(index).replace(/^0x0+/, "0x")));
    assert.doesNotThrow(() => treesOf(new Map([["Example.sol", content]])));
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
        if (!PASSES.has(name) && !STOPS.has(name) && !COLLECTS.has(name)) unknown.push(textOf(source, node));
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

/** Every revert, every reason returned or noted, every call of a function that only reverts. */
function refusalsOf(of: Node): Node[] {
  return [...below(of)].filter((node) => {
    if (node.nodeType === "RevertStatement") return true;
    if (node.nodeType === "FunctionCall" && isNode(node["expression"])) {
      return REVERTING.includes(String(node["expression"]["name"]));
    }
    const said =
      node.nodeType === "Return" ? node["expression"] : node.nodeType === "Assignment" ? node["rightHandSide"] : null;
    return isNode(said) && said.nodeType === "MemberAccess" && said["memberName"] !== "NONE" && isReason(said);
  });
}

const isReason = (said: Node) =>
  [...below(said)].some((node) => [node["name"], node["memberName"]].includes("SkipReason"));

/** Where the conditions of the `if`s stand that lead to a node. */
function conditionsAbove(of: Node, node: Node) {
  const { start, end } = rangeOf(node);
  return [...below(of)].flatMap((one) => {
    if (one.nodeType !== "IfStatement") return [];
    const body = rangeOf(one["trueBody"] as Node);
    return body.start <= start && end <= body.end ? [rangeOf(one["condition"] as Node)] : [];
  });
}
