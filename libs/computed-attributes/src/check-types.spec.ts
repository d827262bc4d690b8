import { describe, expect, it } from '@jest/globals';

import type { Union, UnionPath } from '#catalog';

import type { AttributeDefinition } from './attribute-definition.js';
import { checkTypes } from './check-types.js';
import type { Condition } from './conditions/condition.js';

const path = (text: string, type: UnionPath['type'], ...formats: string[]): UnionPath => ({
  path: text,
  type,
  schemas: ['orders'],
  ...(formats.length > 0 && { formats }),
});

const EVENTS: Union = {
  class: 'experienceevent',
  schemas: ['orders'],
  paths: [
    path('eventType', 'string'),
    path('identityMap', 'map'),
    path('identityMap[*]', 'array'),
    path('identityMap[*][*]', 'object'),
    path('identityMap[*][*].id', 'string'),
    path('timestamp', 'string', 'date-time'),
    path('order', 'object'),
    path('order.total', 'number'),
    path('order.gift', 'boolean'),
    path('items', 'array'),
    path('items[*]', 'object'),
    path('items[*].sku', 'string'),
    path('items[*].quantity', 'integer'),
    path('tags', 'array'),
    path('tags[*]', 'string'),
  ],
};

const typeOf = (aggregate: AttributeDefinition['aggregate'], at?: string) =>
  checkTypes({ aggregate, ...(at !== undefined && { path: at }) }, EVENTS);

function errorsOf(where: Condition) {
  const reading = checkTypes({ aggregate: 'COUNT', where }, EVENTS);
  return 'errors' in reading ? reading.errors.map((error) => `${error.path}: ${error.message}`) : [];
}

describe('types of attributes', () => {
  it.each([
    ['SUM', 'order.total', 'number'],
    ['SUM', 'items[*].quantity', 'integer'],
    ['AVG', 'items[0].quantity', 'number'],
    ['MIN', 'timestamp', 'date-time'],
    ['COUNT', undefined, 'integer'],
    ['COUNT', 'order', 'integer'],
    ['COUNT_DISTINCT', 'items[*].sku', 'integer'],
    ['MOST_RECENT', 'tags', 'array'],
    ['FIRST', 'identityMap.Email[*].id', 'string'],
    ['LIST', 'order.gift', 'array'],
  ] as const)('%s of %s is of the type %s', (aggregate, at, type) => {
    expect(typeOf(aggregate, at)).toEqual({ type });
  });

  it.each([
    ['SUM', 'items[*].sku', 'SUM takes numbers; items[*].sku is of the type string'],
    ['AVG', 'timestamp', 'AVG takes numbers; timestamp is of the type string'],
    ['MAX', 'eventType', 'MAX takes numbers and date-times; eventType is of the type string'],
    ['MOST_RECENT', 'items', 'MOST_RECENT takes scalars and arrays of scalars; items is of the type array'],
    ['COUNT_DISTINCT', 'order', 'COUNT_DISTINCT takes scalars; order is of the type object'],
    ['SUM', 'order.totals', 'no enabled event schema has the path order.totals'],
    ['SUM', 'items.quantity', 'no enabled event schema has the path items.quantity'],
    ['SUM', 'computedAttributes.spend', 'an attribute cannot refer to another one'],
  ] as const)('%s of %s is refused: %s', (aggregate, at, message) => {
    expect(typeOf(aggregate, at)).toEqual({ errors: [{ path: 'path', message }] });
  });
});

describe('types of conditions', () => {
  it.each<Condition>([
    { path: 'items[*].quantity', op: '>', value: 1.5 },
    { path: 'tags', op: 'contains', value: 'x' },
    { path: 'eventType', op: 'contains', value: 'x' },
    { path: 'order', op: 'exists' },
    { path: 'timestamp', op: '<', value: '2026-01-01T00:00:00Z' },
    { path: 'order.gift', op: '!=', value: true },
  ])('%j holds or does not', (where) => {
    expect(errorsOf(where)).toEqual([]);
  });

  it.each<[Condition, string]>([
    [{ path: 'order.total', op: '=', value: '5' }, 'where.value: must be a number: order.total is of the type number'],
    [{ path: 'eventType', op: 'in', value: ['a', 1] }, 'where.value: must be a string'],
    [{ path: 'tags', op: '=', value: 'x' }, 'where.path: is of the type array, which = does not compare'],
    [{ path: 'order.total', op: 'contains', value: 1 }, 'where.op: contains takes strings and arrays'],
    [{ path: 'order.gift', op: '<', value: true }, 'where.op: does not order booleans'],
    [{ not: { path: 'nothing', op: 'exists' } }, 'where.not.path: no enabled event schema has the path nothing'],
    [{ or: [{ path: 'computedAttributes.x', op: '=', value: 1 }] }, 'where.or[0].path: an attribute cannot refer'],
  ])('%j is refused: %s', (where, error) => {
    expect(errorsOf(where).join()).toContain(error);
  });

  it('begin at the element where elements are chosen', () => {
    const elements = (at: string) => ({
      aggregate: 'SUM' as const,
      path: 'items[*].quantity',
      elements: { path: 'items[*]', where: { path: at, op: 'exists' as const } },
    });
    expect(checkTypes(elements('sku'), EVENTS)).toEqual({ type: 'integer' });
    expect(checkTypes(elements('eventType'), EVENTS)).toHaveProperty('errors');
  });
});
