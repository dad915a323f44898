import type { Solidity } from "./solidity.ts";
import { and, equal, implies, isTrue, not, type Term, type Terms, type Truth, word } from "./terms.ts";

/** Places of the markets of a group. */
export const LANES = [0, 1, 2, 3, 4] as const;
/** What `Library.function` returns first. */
export const one = (solidity: Solidity, name: string, ...args: readonly Term[]): Term =>
  solidity.call(name, ...args)[0] as Term;

/** The parts of lane `at` of a group. */
export function lane(solidity: Solidity, group: Term, at: number) {
  const all = one(solidity, "GroupLayout.lane", group, word(at));
  const part = (name: string) => one(solidity, `LaneLayout.${name}`, all);
  return { all, initial: part("initial"), target: part("target"), maintenance: part("maintenance"), own: part("own") };
}

/** A group, an entry, what is spent, a class and the ticks: what the short cut reads. */
export function usualCase(solidity: Solidity, terms: Terms) {
  const [group, entry, spent] = [terms.free("group"), terms.free("entry"), terms.free("spent", 8)];
  const [riskClass, step, budget] = [terms.free("class", 159), terms.free("step", 12), terms.free("budget", 8)];
  const [up, down, minute] = [terms.free("up", 13), terms.free("down", 13), terms.free("minute", 25)];
  const allowance = one(solidity, "AllowanceLayout.pack", riskClass, step, budget, up, down, minute);
  const flags = one(solidity, "EntryLayout.named", entry);
  const inPlace = solidity.operation("shl", word(242), spent);
  const [lanes, listed, loosened] = solidity.call("WholeGroup.apply_", group, entry, flags, inPlace, allowance) as [
    Term,
    Term,
    Term,
  ];
  return { group, entry, spent, riskClass, step, budget, up, down, lanes, listed, loosened };
}

export type Usual = ReturnType<typeof usualCase>;

/** What the rules that are meant say of lane `at`: taken or not, where it would be, what it would loosen. */
export function laneByLane(solidity: Solidity, c: Usual, at: number) {
  const was = lane(solidity, c.group, at);
  const [initial, target] = ["initial", "target"].map((name) =>
    one(solidity, `EntryLayout.${name}`, c.entry, word(at)),
  ) as [Term, Term];
  const bit = solidity.operation("shr", word(at), one(solidity, "EntryLayout.named", c.entry));
  const named = isTrue(solidity.operation("and", bit, word(1)));
  const listed = not(equal(was.initial, word(0)));
  const maintenance = one(solidity, "Follower.follow", was.maintenance, was.target, c.up, c.down);
  const over = isTrue(solidity.operation("gt", c.budget, c.spent));
  const left = solidity.terms.choose(over, solidity.operation("sub", c.budget, c.spent), word(0));
  const values = one(solidity, "UpdateCheck.ofValues", was.all, maintenance, initial, target, c.riskClass);
  const loosening = one(
    solidity,
    "UpdateCheck.ofLoosening",
    was.all,
    maintenance,
    initial,
    target,
    c.step,
    left,
    word(0),
  );
  const taken = and(not(isTrue(was.own)), named, equal(values, word(0)), equal(loosening, word(0)));
  const after = one(solidity, "LaneLayout.pack", initial, target, maintenance, word(0));
  const falls = isTrue(solidity.operation("lt", initial, was.initial));
  const loosens = solidity.terms.choose(falls, solidity.operation("sub", was.initial, initial), word(0));
  return { listed, named, taken, after, loosens, initial, target };
}

/** A lane that is not listed has no bit set: LaneWriter and Governing store nothing else. */
export function sound(solidity: Solidity, group: Term): Truth {
  return and(
    ...LANES.map((at) => {
      const { all, initial } = lane(solidity, group, at);
      return implies(equal(initial, word(0)), equal(all, word(0)));
    }),
  );
}

export const DOMAIN =
  "every group whose empty lanes are 0, every entry, class, spent < 2^8, step < 2^12, budget < 2^8, ticks < 2^13";

/** Whether the guard of lane `at` is in a plane. */
export function guardOf(solidity: Solidity, plane: Term, at: number): Truth {
  return isTrue(solidity.operation("and", solidity.operation("shr", word(40 + 41 * at), plane), word(1)));
}
