import { RE2JS } from 're2js';

/** Longer ones are programs, not patterns; the longest that people share (e-mail, IBAN, IPv6) stay below this. */
const MAX_PATTERN_LENGTH = 512;
/**
 * Instructions after repetitions are written out. Matching takes at worst instructions x characters steps, some 20 ns
 * each: an item of nothing but one 100 KB string, made to fit a pattern of this size badly, takes a second.
 */
const MAX_PROGRAM_SIZE = 500;

/** A regular expression whose matching time grows with the text only, never with the ways to match it. */
export interface LinearPattern {
  test(text: string): boolean;
  /** The pattern itself; Ajv tells patterns apart by it. */
  toString(): string;
}

/**
 * Compiles a pattern for RE2, which has no backtracking: a pattern of V8's such as `(a+)+$` takes minutes on 40
 * characters, and it runs on the thread that serves everyone. What cannot be matched in linear time (look-around,
 * back-references) is a syntax error in RE2. Throws an `Error` that says why.
 */
export function linearPattern(pattern: string): LinearPattern {
  if (pattern.length > MAX_PATTERN_LENGTH) throw new Error(`is longer than ${MAX_PATTERN_LENGTH} characters`);
  const program = RE2JS.compile(RE2JS.translateRegExp(pattern));
  if (program.programSize() > MAX_PROGRAM_SIZE) throw new Error('repeats too much');
  return { test: (text) => program.test(text), toString: () => pattern };
}

/** Why a pattern is not taken; `undefined` when it is. */
export function patternFault(pattern: string): string | undefined {
  try {
    linearPattern(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
