/** Profiles that are folded in one commit, on average, before the ranges get narrower: as many as a page has events. */
const AT_A_TIME = 2_000;

/**
 * Ranges that cover all keys, as their first hexadecimal digits: one range for few profiles, else 256 or 65,536. Keys are
 * hashes, so ranges of one width hold about as many each. `width`: in digits, of a division that was begun before.
 */
export function keyRanges(profiles: number, width: number = digitsFor(profiles)): readonly string[] {
  return Array.from({ length: 16 ** width }, (_, index) =>
    width === 0 ? '' : index.toString(16).padStart(width, '0'),
  );
}

/** An even number: keys are bytes. */
function digitsFor(profiles: number): number {
  if (profiles <= AT_A_TIME) return 0;
  return profiles <= AT_A_TIME * 256 ? 2 : 4;
}
