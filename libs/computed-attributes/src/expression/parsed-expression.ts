import type { IToken } from 'chevrotain';

import type { Comparison, Literal } from '../conditions/condition.js';

/** An expression as its grammar gives it, with the places that later errors name. */
export interface ParsedExpression {
  readonly condition: ParsedCondition | undefined;
  /** Of the aggregate. */
  readonly name: IToken;
  readonly path: ParsedPath | undefined;
  readonly limit: IToken | undefined;
}

export type ParsedCondition =
  | { readonly kind: 'and' | 'or'; readonly all: readonly ParsedCondition[] }
  | { readonly kind: 'not'; readonly negated: ParsedCondition }
  | ParsedTest
  | ParsedLookBack;

export type ParsedTest =
  | { readonly kind: 'test'; readonly path: ParsedPath; readonly op: Comparison | 'contains'; readonly value: Literal }
  | { readonly kind: 'test'; readonly path: ParsedPath; readonly op: 'in'; readonly value: readonly Literal[] }
  | { readonly kind: 'test'; readonly path: ParsedPath; readonly op: 'exists' };

/** `timestamp occurs <= 7 days before now`. */
export interface ParsedLookBack {
  readonly kind: 'lookBack';
  readonly path: ParsedPath;
  readonly at: IToken;
  readonly count: IToken;
  readonly unit: IToken;
}

export interface ParsedPath {
  /** Its first word. */
  readonly at: IToken;
  readonly steps: readonly ParsedStep[];
}

export type ParsedStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly at: IToken }
  | { readonly kind: 'each' }
  /** The elements for which something holds. */
  | { readonly kind: 'filter'; readonly at: IToken; readonly condition: ParsedCondition };
