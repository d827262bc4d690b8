import { EACH, formatPath, type PathStep } from '#core';
import type { IToken } from 'chevrotain';

import {
  MAX_LIST,
  type Aggregate,
  type AttributeDefinition,
  type ElementFilter,
  type Window,
  type WindowUnit,
} from '../attribute-definition.js';
import { windowProblem } from '../check-definition.js';
import { MAX_TESTS, testsOf, type Condition } from '../conditions/condition.js';
import { ExpressionError, type ExpressionPlace } from './expression-fault.js';
import type {
  ParsedCondition,
  ParsedExpression,
  ParsedLookBack,
  ParsedPath,
  ParsedStep,
  ParsedTest,
} from './parsed-expression.js';

/** What the language calls the aggregates. */
const FUNCTIONS: Readonly<Record<string, Aggregate>> = {
  sum: 'SUM',
  count: 'COUNT',
  min: 'MIN',
  max: 'MAX',
  average: 'AVG',
  first: 'FIRST',
  mostRecent: 'MOST_RECENT',
  list: 'LIST',
  countDistinct: 'COUNT_DISTINCT',
};

/** What the grammar gives becomes the structured form. Throws `ExpressionError`. */
export function translate({ condition, name, path, limit }: ParsedExpression): AttributeDefinition {
  const aggregate = Object.hasOwn(FUNCTIONS, name.image) ? FUNCTIONS[name.image] : undefined;
  if (aggregate === undefined) {
    const names = Object.keys(FUNCTIONS);
    throw new ExpressionError(`there is no function ${name.image}: it is one of ${names.join(' ')}`, at(name), names);
  }
  if (path === undefined && aggregate !== 'COUNT') throw new ExpressionError(`${name.image} needs a path`, at(name));
  const { window, where } = translateSelection(condition);
  if (where !== undefined && [...testsOf(where, '')].length > MAX_TESTS) {
    throw new ExpressionError(`has more than ${MAX_TESTS} comparisons`, at(name));
  }
  return {
    aggregate,
    ...(path !== undefined && translateValue(path)),
    ...(where !== undefined && { where }),
    ...(window !== undefined && { window }),
    ...(limit !== undefined && { limit: translateLimit(limit, aggregate) }),
  };
}

interface Selection {
  readonly window?: Window | undefined;
  readonly where?: Condition | undefined;
}

/** The look-back stands beside everything else that must hold, never below `or` or `not`: it is the window. */
function translateSelection(condition: ParsedCondition | undefined): Selection {
  if (condition === undefined) return {};
  const parts = conjuncts(condition);
  const lookBacks = parts.filter((part) => part.kind === 'lookBack');
  const rest = parts.filter((part) => part.kind !== 'lookBack').map(translateCondition);
  const [lookBack, second] = lookBacks;
  if (second !== undefined) throw new ExpressionError('there is one look-back only', at(second.at));
  const [only] = rest;
  return {
    window: lookBack && translateLookBack(lookBack),
    where: rest.length > 1 ? { and: rest } : only,
  };
}

function conjuncts(condition: ParsedCondition): readonly ParsedCondition[] {
  return condition.kind === 'and' ? condition.all.flatMap(conjuncts) : [condition];
}

function translateLookBack({ path, at: occurs, count, unit }: ParsedLookBack): Window {
  const [step, ...more] = path.steps;
  if (more.length > 0 || step?.kind !== 'key' || step.key !== 'timestamp') {
    throw new ExpressionError('only timestamp occurs', at(occurs), ['timestamp']);
  }
  const plural = (unit.image.endsWith('s') ? unit.image : `${unit.image}s`).toUpperCase() as WindowUnit;
  const problem = windowProblem(Number(count.image), plural);
  if (problem !== undefined) throw new ExpressionError(problem, at(count));
  return { count: Number(count.image), unit: plural };
}

function translateCondition(condition: ParsedCondition): Condition {
  switch (condition.kind) {
    case 'and':
      return { and: condition.all.map(translateCondition) };
    case 'or':
      return { or: condition.all.map(translateCondition) };
    case 'not':
      return { not: translateCondition(condition.negated) };
    case 'test':
      return translateTest(condition);
    case 'lookBack':
      throw new ExpressionError('a look-back stands beside the other conditions, with and', at(condition.at));
  }
}

function translateTest({ path, kind: _kind, ...test }: ParsedTest): Condition {
  return { ...test, path: formatPath(path.steps.map(plainStep)) };
}

function plainStep(step: ParsedStep): PathStep {
  if (step.kind === 'key') return step.key;
  if (step.kind === 'each') return EACH;
  if (step.kind === 'index') return indexOf(step.at);
  throw new ExpressionError('elements are chosen in the path of the function only', at(step.at));
}

function indexOf(token: IToken): number {
  const index = Number(token.image);
  if (Number.isInteger(index) && index >= 0) return index;
  throw new ExpressionError('an index is an integer from 0', at(token));
}

/** `items[sku = "a"].price`: the values of some elements only. */
function translateValue({ steps }: ParsedPath): Pick<AttributeDefinition, 'path' | 'elements'> {
  const path: PathStep[] = [];
  let elements: ElementFilter | undefined;
  for (const step of steps) {
    if (step.kind !== 'filter') {
      path.push(plainStep(step));
      continue;
    }
    if (elements !== undefined) throw new ExpressionError('elements are chosen once only', at(step.at));
    path.push(EACH);
    elements = { path: formatPath(path), where: translateCondition(step.condition) };
  }
  return { path: formatPath(path), ...(elements !== undefined && { elements }) };
}

function translateLimit(token: IToken, aggregate: Aggregate): number {
  if (aggregate !== 'LIST') throw new ExpressionError('only list takes a number', at(token));
  const limit = Number(token.image);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIST) return limit;
  throw new ExpressionError(`must be an integer from 1 to ${MAX_LIST}`, at(token));
}

function at({ startOffset, startLine = 1, startColumn = 1 }: IToken): ExpressionPlace {
  return { offset: startOffset, line: startLine, column: startColumn };
}
