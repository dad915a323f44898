/** A seeded stream of random numbers: the same seed gives the same numbers on every machine. */
export type Random = {
  /** Uniform in (0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Student t with 8 degrees of freedom scaled to unit variance, cut at +-6: tails like hourly crypto returns. */
  student(): number;
};

const DEGREES = 8;

/**
 * A stream for a seed and a label; streams of different labels are independent. The generator is sfc32 (C. Doty-Humphrey,
 * PractRand), started from a hash of seed and label.
 * @example randomStream(1, "ETH").uniform() // 0.01594773
 */
export function randomStream(seed: number, label: string): Random {
  let [a, b, c, counter] = hash(`${seed} ${label}`);
  const uniform = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 0.5) / 4_294_967_296;
  };
  for (let warm = 0; warm < 16; warm += 1) uniform();
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const student = () => {
    const top = normal();
    let chiSquared = 0;
    for (let degree = 0; degree < DEGREES; degree += 1) chiSquared += normal() ** 2;
    const unitVariance = Math.sqrt((DEGREES - 2) / chiSquared) * top;
    return Math.max(-6, Math.min(6, unitVariance));
  };
  return { uniform, normal, student };
}

/** Four 32-bit words of a text (FNV-1a with four offsets). */
function hash(text: string): [number, number, number, number] {
  const word = (offset: number) => {
    let value = offset;
    for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619);
    return value | 0;
  };
  return [word(2_166_136_261), word(374_761_393), word(668_265_263), word(1_274_126_177)];
}
