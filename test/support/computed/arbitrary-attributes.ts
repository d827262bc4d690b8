import fc from 'fast-check';

import type { AttributeDefinition, Condition, Window } from '#computed-attributes';
import { toRfc3339, type JsonObject } from '#core';

const HOUR = 3_600_000;
/** A leap day, at noon: what windows of months and days must get right lies around it. */
export const AROUND = Date.parse('2024-02-29T12:00:00.000Z');

const amount = fc.oneof(
  fc.integer({ min: -10_000, max: 10_000 }).map((cents) => cents / 100),
  fc.constantFrom(0.1, 0.2, 0.3, 1e21, 1e-7, 9_007_199_254_740_991, 123_456_789.123),
);

const item = fc.record({ sku: fc.constantFrom('a', 'b', 'c'), price: amount }, { requiredKeys: ['sku'] });

/** Of orders; what stands in `timestamp` is given. */
export function arbitraryOrder(at: number): fc.Arbitrary<JsonObject> {
  return fc.record(
    {
      timestamp: fc.constant(toRfc3339(at)),
      eventType: fc.constantFrom('buy', 'view'),
      total: amount,
      channel: fc.constantFrom('web', 'store'),
      due: fc.integer({ min: 0, max: 400 }).map((days) => toRfc3339(AROUND + days * 24 * HOUR)),
      tags: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
      items: fc.array(item, { maxLength: 3 }),
    },
    { requiredKeys: ['timestamp', 'eventType'] },
  );
}

const DAY = 24 * HOUR;
/** Ends of windows as seen from `AROUND`, and a millisecond beside them. */
const EDGES = [0, HOUR, DAY, 7 * DAY, 28 * DAY, 29 * DAY, 30 * DAY, 31 * DAY, 60 * DAY, 182 * DAY, 366 * DAY];

/** Event times: near the ends of windows, at the cuts of slots, or anywhere in two years. */
export const arbitraryTime: fc.Arbitrary<number> = fc.oneof(
  fc.tuple(fc.constantFrom(...EDGES), fc.integer({ min: -1, max: 1 })).map(([edge, by]) => AROUND - edge + by),
  fc.tuple(fc.integer({ min: -400, max: 5 }), fc.integer({ min: -1, max: 1 })).map(([days, by]) => {
    return Date.parse('2024-02-29T00:00:00.000Z') + days * DAY + by;
  }),
  fc.integer({ min: AROUND - 400 * DAY, max: AROUND + 2 * DAY }),
);

const test: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { path: 'eventType', op: '=', value: 'buy' },
  { path: 'channel', op: '!=', value: 'web' },
  { path: 'channel', op: 'in', value: ['web', 'app'] },
  { path: 'total', op: '>', value: 0 },
  { path: 'total', op: '<=', value: 50.5 },
  { path: 'total', op: 'exists' },
  { path: 'items[*].sku', op: '=', value: 'a' },
  { path: 'tags', op: 'contains', value: 'x' },
  { path: 'channel', op: 'contains', value: 'to' },
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    test,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    tie('condition').map((not) => ({ not })),
  ),
}));
export const arbitraryCondition = condition;

const window: fc.Arbitrary<Window> = fc.oneof(
  fc.integer({ min: 1, max: 24 }).map((count) => ({ count, unit: 'HOURS' as const })),
  fc.integer({ min: 1, max: 7 }).map((count) => ({ count, unit: 'DAYS' as const })),
  fc.integer({ min: 1, max: 4 }).map((count) => ({ count, unit: 'WEEKS' as const })),
  fc.integer({ min: 1, max: 6 }).map((count) => ({ count, unit: 'MONTHS' as const })),
);

const what: fc.Arbitrary<Pick<AttributeDefinition, 'aggregate' | 'path' | 'elements' | 'limit'>> = fc.constantFrom<
  Pick<AttributeDefinition, 'aggregate' | 'path' | 'elements' | 'limit'>
>(
  ...(['SUM', 'MIN', 'MAX', 'AVG', 'FIRST', 'MOST_RECENT'] as const).flatMap((aggregate) => [
    { aggregate, path: 'total' },
    { aggregate, path: 'items[*].price' },
  ]),
  { aggregate: 'COUNT' },
  { aggregate: 'COUNT', path: 'items[*]' },
  { aggregate: 'COUNT', elements: { path: 'items[*]', where: { path: 'price', op: '>', value: 0 } } },
  {
    aggregate: 'SUM',
    path: 'items[*].price',
    elements: { path: 'items[*]', where: { path: 'sku', op: '=', value: 'b' } },
  },
  { aggregate: 'MAX', path: 'due' },
  { aggregate: 'LIST', path: 'total', limit: 3 },
  { aggregate: 'LIST', path: 'items[*].sku' },
  { aggregate: 'COUNT_DISTINCT', path: 'items[*].sku' },
  { aggregate: 'COUNT_DISTINCT', path: 'total' },
);

/** Every aggregate, with and without conditions, datasets and windows. */
export const arbitraryDefinition: fc.Arbitrary<AttributeDefinition> = fc
  .tuple(
    what,
    fc.option(condition, { nil: undefined }),
    fc.option(window, { nil: undefined }),
    fc.constantFrom<readonly string[] | undefined>(undefined, undefined, ['orders']),
  )
  .map(([made, where, span, datasets]) => ({
    ...made,
    ...(where && { where }),
    ...(span && { window: span }),
    ...(datasets && { datasets }),
  }));
