/** Numbers that look random and are the same in every run: `mulberry32`, 32 bits of state. Each call is in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers below `count` in a random order (Fisher and Yates). */
export function shuffledIndexes(count: number, random: () => number): Uint32Array {
  const indexes = Uint32Array.from({ length: count }, (_, index) => index);
  for (let end = count - 1; end > 0; end -= 1) {
    const other = Math.floor(random() * (end + 1));
    const moved = indexes[end] ?? 0;
    indexes[end] = indexes[other] ?? 0;
    indexes[other] = moved;
  }
  return indexes;
}

const HEX = Array.from({ length: 65_536 }, (_, number) => number.toString(16).padStart(4, '0'));

/** A version 4 UUID from the generator: random to an index, the same in every run. */
export function randomUuid(random: () => number): string {
  const four = (): string => HEX[Math.floor(random() * 65_536)] ?? '0000';
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${four()}${four()}-${four()}-4${four().slice(1)}-${variant}${four().slice(1)}-${four()}${four()}${four()}`;
}
