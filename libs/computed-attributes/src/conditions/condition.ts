/** A value that events are compared with. */
export type Literal = string | number | boolean;

export const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Something that is asked of the values at one path. `[*]`: of any of them. Where there is none, it does not hold. */
export type Test =
  | { readonly path: string; readonly op: Comparison; readonly value: Literal }
  | { readonly path: string; readonly op: 'in'; readonly value: readonly Literal[] }
  /** A part of a string, or an element of an array. */
  | { readonly path: string; readonly op: 'contains'; readonly value: Literal }
  | { readonly path: string; readonly op: 'exists' };

export type Condition =
  Test | { readonly and: readonly Condition[] } | { readonly or: readonly Condition[] } | { readonly not: Condition };

/** The operators of tests, as definitions write them. */
export const OPERATORS = [...COMPARISONS, 'in', 'contains', 'exists'] as const;

/** Levels of `and`, `or`, `not`: nobody reads more, and every reader of conditions recurses. */
export const MAX_CONDITION_DEPTH = 32;
/** Tests of one attribute: each event is put to all of them. */
export const MAX_TESTS = 100;

/** Every test of a condition, in order, with where it stands in it. */
export function* testsOf(condition: Condition, at: string): Generator<{ readonly at: string; readonly test: Test }> {
  if ('and' in condition) yield* testsOfAll(condition.and, `${at}.and`);
  else if ('or' in condition) yield* testsOfAll(condition.or, `${at}.or`);
  else if ('not' in condition) yield* testsOf(condition.not, `${at}.not`);
  else yield { at, test: condition };
}

function* testsOfAll(conditions: readonly Condition[], at: string): ReturnType<typeof testsOf> {
  for (const [index, condition] of conditions.entries()) yield* testsOf(condition, `${at}[${index}]`);
}
