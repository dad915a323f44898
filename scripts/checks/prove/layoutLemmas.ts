import { type Lemma, mutation } from "./lemma.ts";
import type { Solidity } from "./solidity.ts";
import { and, equal, implies, not, type Term, type Terms, type Truth } from "./terms.ts";
import type { Struct } from "./value.ts";

/** Constants of the layouts that are no fields: masks, shifts, sizes, and STAMP, which is three fields in one piece. */
const NO_FIELDS = /^(BY_|FOREVER$|UPPER$|QUORUM$|BYTES$|STAMP$)/;

/** The libraries of Words.sol that lay out a word, and what shares it with their own fields. */
const LAYOUTS: Readonly<Record<string, readonly string[]>> = {
  M: [],
  C: [],
  A: [],
  H: [],
  E: ["N.TARGET", "N.INITIAL", "N.LIMIT", "M.QUALITY"],
};

/** Fields of the hot key in a class; the quorum's own lie above them. */
const OF_WRITERS = ["STEP", "BUDGET", "RAISE_STEP", "RAISE_BUDGET"];

type Field = { readonly name: string; readonly width: number; readonly place: number };

function fieldsOf(solidity: Solidity, layout: string): Field[] {
  const constants = solidity.constants(layout);
  const own = [...constants].filter(([name]) => !NO_FIELDS.test(name)).map(([name, at]) => [`${layout}.${name}`, at]);
  const shared = (LAYOUTS[layout] ?? []).map((name) => [name, solidity.constant(name)]);
  const quorum = constants.get("QUORUM");
  const above = quorum
    ? OF_WRITERS.map((name) => [`${layout}.${name} of the quorum`, (constants.get(name) as bigint) + quorum])
    : [];
  return ([...own, ...shared, ...above] as [string, bigint][]).map(([name, at]) => ({
    name,
    width: Number(at >> 8n),
    place: Number(at & 0xffn),
  }));
}

const numberOf = (terms: Terms, { width, place }: Field): Term => terms.number((width << 8) | place);
const maskOf = ({ width, place }: Field): bigint => ((1n << BigInt(width)) - 1n) << BigInt(place);
/** The bits of a field, by the prover's own means. */
const bitsOf = ({ width, place }: Field, word: Term): Term =>
  `((_ zero_extend ${256 - width}) ((_ extract ${place + width - 1} ${place}) ${word}))`;

const roundTrip = (layout: string, change: Lemma["mutations"]): Lemma => ({
  name: `layout.${layout}.roundTrip`,
  says: `What is put in a field of ${layout} is read back, lies in that field's bits, and no other bit changes.`,
  domain: "every word, every field, every value that fits it",
  mutations: change,
  claim(solidity, terms) {
    const word = terms.free("word");
    return and(
      ...fieldsOf(solidity, layout).map((field, index) => {
        const value = terms.free(`value${index}`, field.width);
        const after = solidity.one("put", word, numberOf(terms, field), value);
        const others = terms.number(~maskOf(field));
        const kept = equal(terms.operate("&", after, others), terms.operate("&", word, others));
        const back = solidity.one("get", after, numberOf(terms, field));
        return and(equal(back, value), equal(bitsOf(field, after), value), kept);
      }),
    );
  },
});

const apart = (layout: string, bits: number, change: Lemma["mutations"]): Lemma => ({
  name: `layout.${layout}.apart`,
  says: `Putting one field of ${layout} changes no other one, and all are within ${bits} bits.`,
  domain: "every word, every pair of fields, every value that fits",
  mutations: change,
  claim(solidity, terms) {
    const word = terms.free("word");
    const fields = fieldsOf(solidity, layout);
    const claims = fields.map((field, index): Truth => {
      const value = terms.free(`value${index}`, field.width);
      const after = solidity.one("put", word, numberOf(terms, field), value);
      const others = fields.filter((other) => other !== field).map((other) => numberOf(terms, other));
      const kept = others.map((other) => equal(solidity.one("get", after, other), solidity.one("get", word, other)));
      return and(...kept, String(field.place + field.width <= bits));
    });
    return and(...claims);
  },
});

/** A mask, and the fields it is said to be made of. */
const MASKS: Readonly<Record<string, readonly string[]>> = {
  "M.BY_ENTRY": ["TARGET", "INITIAL", "LIMIT", "QUALITY"],
  "M.BY_TIME": ["MAINTENANCE", "SETTLED", "AGE", "SPENT", "RAISED", "UNCHANGED"],
  "M.BY_UPDATE": [
    ...["TARGET", "INITIAL", "LIMIT", "QUALITY", "MAINTENANCE", "SETTLED", "AGE", "SPENT", "RAISED", "UNCHANGED"],
    ...["TIGHTEN_SPEED", "LOOSEN_SPEED", "TTL"],
  ],
  "N.ALL": ["TARGET", "INITIAL", "LIMIT"],
  "N.HAIRCUTS": ["TARGET", "INITIAL"],
  "Parameters.BY_MODE": ["MODE", "MODE_UNTIL", "CHALLENGED"],
  "Parameters.BY_SETTING": [
    ...["PROBED", "TIGHTEN_SPEED", "LOOSEN_SPEED", "TTL", "LOOSEST_LIMIT", "TIGHTEST_LIMIT", "CLASS", "GENERATION"],
  ],
};

const MEMBERS: readonly (readonly [string, number])[] = [
  ["MIN_INITIAL", 0],
  ["MAX_INITIAL", 0],
  ["MIN_MAINTENANCE", 0],
  ["MAX_MAINTENANCE", 0],
  ["GAP", 0],
  ["BONUS", 0],
  ["TIGHTEN_SPEED", 0],
  ["LOOSEN_SPEED", 0],
  ["TTL", 0],
  ["DECAY", 0],
  ["STALE_CAP", 0],
  ["MAX_AGE", 0],
  ["STEP", 0],
  ["STEP", 1],
  ["BUDGET", 0],
  ["BUDGET", 1],
  ["RAISE_STEP", 0],
  ["RAISE_STEP", 1],
  ["RAISE_BUDGET", 0],
  ["RAISE_BUDGET", 1],
];

/** Any limits of a class, and the fields of the word they are packed in; when they are refused, `solidity.refused` says. */
function packed(solidity: Solidity, terms: Terms) {
  const limits: Struct = { members: MEMBERS.map(([name, above]) => terms.free(`${name}${above}`)) };
  // What nothing here depends on, and bits are slow at.
  solidity.stands.set("lowestMaintenanceBps", () => [terms.free("lowest")]);
  const word = solidity.one("ClassLimits.pack", limits);
  const shift = solidity.constant("C.QUORUM");
  const at = (name: string, above: number) => solidity.constant(`C.${name}`) + BigInt(above) * shift;
  return { limits, of: (name: string, above = 0) => solidity.one("get", word, terms.number(at(name, above))) };
}

const classLemmas: readonly Lemma[] = [
  {
    name: "class.packs",
    says: "Limits that are not refused are read back, each from its field of a class.",
    domain: "every limits, each a word",
    mutations: [
      mutation("ClassLimits", "l.minGapBps << 107", "l.minGapBps << 106"),
      mutation("ClassLimits", '_atMost("quorumBudgetBps", l.quorumBudgetBps, 255);', ""),
      mutation("Words", "UPPER = 29", "UPPER = 28"),
      mutation("Words", "STALE_CAP = 14 << 8 | 93", "STALE_CAP = 13 << 8 | 93"),
    ],
    claim(solidity, terms) {
      const { limits, of } = packed(solidity, terms);
      const kept = MEMBERS.map(([name, above], at) => equal(of(name, above), limits.members[at] as Term));
      return implies(not(solidity.refused), and(...kept));
    },
  },
  {
    name: "class.promises",
    says: "A class has a speed of at most its gap (thirty days' notice), a gap and a decay above 0, room for initial above the highest maintenance, data that is fresh when it is accepted, a cap above every initial, and a quorum's limits of at least the hot key's.",
    domain: "every limits, each a word",
    mutations: [
      mutation("ClassLimits", "l.tightenSpeedBpsPer30Days, l.minGapBps)", "l.tightenSpeedBpsPer30Days, 4_095)"),
      mutation("ClassLimits", '_atLeast("decayHours", l.decayHours, 1);', ""),
      mutation("ClassLimits", "l.maxMaintenanceBps + l.minGapBps", "l.maxMaintenanceBps"),
      mutation("ClassLimits", '_atLeast("ttlHours", l.ttlHours * 60, l.maxAgeMinutes);', ""),
      mutation("ClassLimits", '_atMost("hotStepBps", l.hotStepBps, l.quorumStepBps);', ""),
    ],
    claim(solidity, terms) {
      const { of } = packed(solidity, terms);
      const one = terms.number(1);
      const claims = [
        terms.atMost(of("TIGHTEN_SPEED"), of("GAP")),
        ...["GAP", "DECAY", "MIN_INITIAL", "MAX_AGE"].map((name) => terms.atMost(one, of(name))),
        terms.atMost(terms.operate("+", of("MAX_MAINTENANCE"), of("GAP")), of("MAX_INITIAL")),
        terms.atMost(of("MAX_AGE"), terms.operate("*", of("TTL"), terms.number(60))),
        terms.atMost(of("MAX_INITIAL"), of("STALE_CAP")),
        terms.atMost(of("STALE_CAP"), terms.number(10_000)),
        ...OF_WRITERS.map((name) => terms.atMost(of(name), of(name, 1))),
      ];
      return implies(not(solidity.refused), and(...claims));
    },
  },
  {
    name: "class.bonus",
    says: "A liquidation at the lowest maintenance leaves collateral behind: (1 - maintenance)(1 + bonus) < 1 (I12).",
    domain: "every limits, each a word",
    mutations: [
      mutation("Toxicity", "(BPS_ONE + bonusBps) + 1", "(BPS_ONE + bonusBps)"),
      mutation("ClassLimits", "Toxicity.lowestMaintenanceBps(l.liquidationBonusBps)", "l.liquidationBonusBps / 2"),
    ],
    logic: "numbers",
    claim(solidity, terms) {
      const members = MEMBERS.map(([name, above]) => terms.free(`${name}${above}`));
      solidity.call("ClassLimits._require", { members });
      const of = (name: string) => members[MEMBERS.findIndex(([one]) => one === name)] as Term;
      const one = terms.number(10_000);
      const left = terms.operate("-", one, of("MIN_MAINTENANCE"));
      const taken = terms.operate("*", left, terms.operate("+", one, of("BONUS")));
      return implies(not(solidity.refused), terms.below(taken, terms.number(10n ** 8n)));
    },
  },
];

export const layoutLemmas: readonly Lemma[] = [
  roundTrip("M", [
    mutation("Words", "((1 << (field >> 8)) - 1) << (field & 0xff)", "((1 << (field >> 8)) - 2) << (field & 0xff)"),
    mutation("Words", "(word >> (field & 0xff))", "(word >> (field & 0x7f))"),
  ]),
  roundTrip("C", [mutation("Words", "value << (field & 0xff)", "value << (field & 0x7f)")]),
  roundTrip("A", [mutation("Words", "word & ~(((1", "word & (((1")]),
  roundTrip("E", [mutation("Words", "(1 << (field >> 8)) - 1); }", "(1 << (field >> 9)) - 1); }")]),
  apart("M", 256, [
    mutation("Words", "AGE = 12 << 8 | 99", "AGE = 13 << 8 | 99"),
    mutation("Words", "GENERATION = 5 << 8 | 251", "GENERATION = 5 << 8 | 250"),
  ]),
  apart("C", 256, [
    mutation("Words", "QUORUM = 44", "QUORUM = 43"),
    mutation("Words", "HELD_UNTIL = 19 << 8 | 232", "HELD_UNTIL = 19 << 8 | 231"),
  ]),
  apart("A", 256, [mutation("Words", "SEQUENCE = 40 << 8 | 3", "SEQUENCE = 41 << 8 | 3")]),
  apart("H", 136, [mutation("Words", "DEADLINE = 40 << 8 | 64", "DEADLINE = 40 << 8 | 63")]),
  apart("E", 112, [mutation("Words", "AS_OF = 25 << 8 | 66", "AS_OF = 25 << 8 | 65")]),
  {
    name: "layout.masks",
    says: "Each mask has the bits of the fields it is said to be made of, and no other.",
    domain: "the masks of Words.sol and Parameters.sol",
    mutations: [
      mutation("Words", "BY_TIME = (1 << 82) - 1 << 61", "BY_TIME = (1 << 83) - 1 << 61"),
      mutation("Words", "BY_UPDATE = (1 << 173) - 1 & ~uint256(1 << 13 | 1 << 28)", "BY_UPDATE = (1 << 173) - 1"),
      mutation("Parameters", "BY_SETTING = 1 << 28 | (1 << 62)", "BY_SETTING = 1 << 28 | (1 << 63)"),
    ],
    claim(solidity, terms) {
      const masks = Object.entries(MASKS).map(([name, fields]) => {
        const ones = fields.map((field) => {
          const at = solidity.constant(`M.${field}`);
          return solidity.one("put", terms.number(0), terms.number(at), terms.number((1n << (at >> 8n)) - 1n));
        });
        const all = ones.reduce((union, one) => terms.operate("|", union, one));
        return equal(terms.number(solidity.constant(name)), all);
      });
      return and(...masks);
    },
  },
  {
    name: "layout.stamp",
    says: "The stamp of a class, put in a market in one piece, gives it that class's speeds and ttl.",
    domain: "every class, every market",
    mutations: [
      mutation("Words", "STAMP = 30 << 8 | 57", "STAMP = 30 << 8 | 58"),
      mutation("Words", "TTL = 6 << 8 | 167", "TTL = 6 << 8 | 168"),
    ],
    claim(solidity, terms) {
      const at = (name: string) => terms.number(solidity.constant(name));
      const [market, word] = [terms.free("market"), terms.free("class")];
      const stamped = solidity.one("put", market, at("M.STAMP"), solidity.one("get", word, at("C.STAMP")));
      const names = ["TIGHTEN_SPEED", "LOOSEN_SPEED", "TTL"];
      const same = (name: string) =>
        equal(solidity.one("get", stamped, at(`M.${name}`)), solidity.one("get", word, at(`C.${name}`)));
      return and(...names.map(same));
    },
  },
  ...classLemmas,
];
