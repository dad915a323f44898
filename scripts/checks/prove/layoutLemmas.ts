import type { Lemma } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, atMost, equal, implies, isTrue, not, or, type Term, type Terms, word } from "./terms.ts";

const one = (solidity: Solidity, name: string, ...args: readonly Term[]): Term =>
  solidity.call(name, ...args)[0] as Term;

/** A lane's number. */
function index(terms: Terms, name: string): Term {
  const at = terms.free(name, 3);
  terms.assume(atMost(at, word(4)));
  return at;
}

/** A packed value: its constructor, and for each part the getter and how many bits it has. */
type Packed = { readonly name: string; readonly pack: string; readonly parts: readonly (readonly [string, number])[] };

const PACKED: readonly Packed[] = [
  {
    name: "lane.packs",
    pack: "LaneLayout.pack",
    parts: [
      ["LaneLayout.initial", 14],
      ["LaneLayout.target", 13],
      ["LaneLayout.maintenance", 13],
      ["LaneLayout.own", 1],
    ],
  },
  {
    name: "own.packs",
    pack: "OwnLayout.pack",
    parts: [
      ["OwnLayout.asOf", 25],
      ["OwnLayout.mode", 2],
      ["OwnLayout.challenged", 1],
      ["OwnLayout.until", 23],
    ],
  },
  {
    name: "allowance.packs",
    pack: "AllowanceLayout.pack",
    parts: [
      ["AllowanceLayout.class", 159],
      ["AllowanceLayout.step", 14],
      ["AllowanceLayout.budget", 8],
      ["AllowanceLayout.up", 13],
      ["AllowanceLayout.down", 13],
      ["AllowanceLayout.minute", 25],
    ],
  },
];

const packs = ({ name, pack, parts }: Packed): Lemma => ({
  name,
  says: `Every part of ${pack} is read back as it was given.`,
  domain: `parts of ${parts.map(([, bits]) => bits).join(", ")} bits`,
  claim(solidity, terms) {
    const given = parts.map(([, bits], at) => terms.free(`part${at}`, bits));
    const packed = one(solidity, pack, ...given);
    return and(...parts.map(([getter], at) => equal(one(solidity, getter, packed), given[at] as Term)));
  },
});

/** A word of five parts: one is replaced, the others and what is above them stay. */
const replaces = (name: string, put: string, get: string, bits: number): Lemma => ({
  name,
  says: `${put} sets the part named and leaves every other part and all bits above as they were.`,
  domain: `every word, every part of ${bits} bits, every pair of places`,
  claim(solidity, terms) {
    const [before, part] = [terms.free("before"), terms.free("part", bits)];
    const [at, other] = [index(terms, "at"), index(terms, "other")];
    const after = one(solidity, put, before, at, part);
    const above = (of: Term) => solidity.operation("shr", word(5 * bits), of);
    return and(
      equal(one(solidity, get, after, at), part),
      implies(not(equal(at, other)), equal(one(solidity, get, after, other), one(solidity, get, before, other))),
      equal(above(after), above(before)),
    );
  },
});

export const layoutLemmas: readonly Lemma[] = [
  ...PACKED.map(packs),
  replaces("group.withLane", "GroupLayout.withLane", "GroupLayout.lane", 41),
  replaces("side.withOwn", "SideLayout.withOwn", "SideLayout.own", 51),
  {
    name: "group.withHeader",
    says: "A header is read back as given (data older than 4095 minutes as that old), and the lanes stay.",
    domain: "every group, settled < 2^25, asOf at most settled, spent < 2^8, class < 2^6, every lane",
    claim(solidity, terms) {
      const [group, settled, asOf] = [terms.free("group"), terms.free("settled", 25), terms.free("asOf", 25)];
      const [spent, classId, at] = [terms.free("spent", 8), terms.free("classId", 6), index(terms, "at")];
      terms.assume(atMost(asOf, settled));
      const after = one(solidity, "GroupLayout.withHeader", group, settled, asOf, spent, classId);
      const oldest = solidity.operation("sub", settled, word(4_095));
      const tooOld = isTrue(solidity.operation("gt", solidity.operation("sub", settled, asOf), word(4_095)));
      return and(
        equal(one(solidity, "GroupLayout.settled", after), settled),
        equal(one(solidity, "GroupLayout.asOf", after), terms.choose(tooOld, oldest, asOf)),
        equal(one(solidity, "GroupLayout.spent", after), spent),
        equal(one(solidity, "GroupLayout.class", after), classId),
        equal(one(solidity, "GroupLayout.lane", after, at), one(solidity, "GroupLayout.lane", group, at)),
      );
    },
  },
  {
    name: "door.after",
    says: "After a batch the contract-wide word has the new number, and what was spent in its window and now; generation and budgets stay; tighten-only mode never ends by itself.",
    domain: "every word, sequence < 2^40, window < 2^16, more < 2^24 - what is spent",
    claim(solidity, terms) {
      const [before, sequence] = [terms.free("before"), terms.free("sequence", 40)];
      const [window, more, trips] = [terms.free("window", 16), terms.free("more", 24), isTrue(terms.free("trips", 1))];
      const at = one(solidity, "DoorLayout.at", before, sequence, window);
      const windowWas = solidity.operation("and", solidity.operation("shr", word(56), before), word(0xffff));
      const spentWas = terms.choose(equal(window, windowWas), one(solidity, "DoorLayout.spent", before), word(0));
      const spent = solidity.operation("add", spentWas, more);
      terms.assume(atMost(spent, word(0xffffff)));
      const spending = one(solidity, "DoorLayout.spending", at, more);
      const after = terms.choose(trips, one(solidity, "DoorLayout.tripped", spending), spending);
      const same = (getter: string, ...args: Term[]) =>
        equal(one(solidity, getter, after, ...args), one(solidity, getter, before, ...args));
      const trip = (of: Term) => isTrue(one(solidity, "DoorLayout.tightenOnly", of));
      const keeper = (of: Term) => solidity.operation("shr", word(145), of);
      return and(
        equal(one(solidity, "DoorLayout.sequence", after), sequence),
        equal(solidity.operation("and", solidity.operation("shr", word(56), after), word(0xffff)), window),
        equal(one(solidity, "DoorLayout.spent", after), spent),
        same("DoorLayout.generation"),
        same("DoorLayout.aggregate", word(0)),
        same("DoorLayout.aggregate", word(1)),
        `(= ${trip(after)} ${or(trip(before), trips)})`,
        equal(keeper(after), keeper(before)),
      );
    },
  },
];
