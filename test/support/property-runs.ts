/** Cases of a property in `npm run test:deep`. */
const DEEP_RUNS = 10_000;

/** How many cases of a property to try: so many as a rule, and many more when the deep tests run. */
export function propertyRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: process.env['TESSERA_TEST_DEEP'] === undefined ? usual : Math.max(usual, DEEP_RUNS) };
}

/** How long the cases of a property may take, in milliseconds: an hour for those of `npm run test:deep`. */
export function propertyTimeout(usual: number): number {
  return process.env['TESSERA_TEST_DEEP'] === undefined ? usual : Math.max(usual, 3_600_000);
}
