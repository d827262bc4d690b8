import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { readDefinition } from './check-definition.js';

const SUM = { aggregate: 'SUM', path: 'order.total' } as const;

function errorsOf(definition: JsonObject): readonly string[] {
  const reading = readDefinition(definition);
  return 'errors' in reading ? reading.errors.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('a definition', () => {
  it('is read as it stands', () => {
    const definition = {
      aggregate: 'SUM',
      path: 'items[*].price',
      where: {
        and: [
          { path: 'eventType', op: '=', value: 'buy' },
          { or: [{ path: 'channel', op: 'in', value: ['web', 'store'] }, { not: { path: 'gift', op: 'exists' } }] },
        ],
      },
      elements: { path: 'items[*]', where: { path: 'sku', op: 'contains', value: 'x' } },
      datasets: ['orders'],
      window: { count: 4, unit: 'WEEKS' },
    };
    expect(readDefinition(definition)).toEqual({ definition });
  });

  it.each<[JsonObject, string]>([
    [{}, 'aggregate: must be one of SUM'],
    [{ aggregate: 'MEDIAN', path: 'a' }, 'aggregate: must be one of'],
    [{ aggregate: 'SUM' }, 'path: SUM needs a path'],
    [{ aggregate: 'SUM', path: 'a..b' }, 'path: must be a path'],
    [{ ...SUM, window: { count: 0, unit: 'HOURS' } }, 'window.count: must be an integer from 1 to 24 for HOURS'],
    [{ ...SUM, window: { count: 25, unit: 'HOURS' } }, 'window.count: must be an integer from 1 to 24 for HOURS'],
    [{ ...SUM, window: { count: 8, unit: 'DAYS' } }, 'window.count: must be an integer from 1 to 7 for DAYS'],
    [{ ...SUM, window: { count: 5, unit: 'WEEKS' } }, 'window.count: must be an integer from 1 to 4 for WEEKS'],
    [{ ...SUM, window: { count: 7, unit: 'MONTHS' } }, 'window.count: must be an integer from 1 to 6 for MONTHS'],
    [{ ...SUM, window: { count: 1.5, unit: 'DAYS' } }, 'window.count: must be an integer'],
    [{ ...SUM, window: { count: 1, unit: 'YEARS' } }, 'window.unit: must be one of HOURS'],
    [{ ...SUM, window: 7 }, 'window: must be an object'],
    [{ ...SUM, window: { count: 1, unit: 'DAYS', tz: 'CET' } }, 'window.tz: is not count or unit'],
    [{ ...SUM, limit: 3 }, 'limit: goes with LIST only'],
    [{ aggregate: 'LIST', path: 'a', limit: 101 }, 'limit: must be an integer from 1 to 100'],
    [{ ...SUM, datasets: [] }, 'datasets: must be an array'],
    [{ ...SUM, unit: 'EUR' }, 'unit: is not part of a definition'],
    [
      { ...SUM, elements: { path: 'items', where: { path: 'a', op: 'exists' } } },
      'elements.path: must be a path that ends',
    ],
    [
      { ...SUM, elements: { path: 'items[*]', where: { path: 'a', op: 'exists' } } },
      'elements.path: must be what path begins',
    ],
    [{ ...SUM, where: { path: 'a', op: '~', value: 1 } }, 'where.op: must be one of = !='],
    [{ ...SUM, where: { path: '.a', op: '=', value: 1 } }, 'where.path: must be a path'],
    [{ ...SUM, where: { path: 'a', op: '=', value: null } }, 'where.value: must be a string'],
    [{ ...SUM, where: { path: 'a', op: 'in', value: 'x' } }, 'where.value: must be an array'],
    [{ ...SUM, where: { path: 'a', op: 'exists', value: true } }, 'where.value: does not go with exists'],
    [{ ...SUM, where: { and: [] } }, 'where.and: must be an array of conditions'],
    [{ ...SUM, where: { and: [{ not: 3 }] } }, 'where.and[0].not: must be a condition'],
    [{ ...SUM, where: { not: { path: 'a', op: 'exists' }, or: [] } }, 'where.not: does not go with or'],
  ])('%j is refused: %s', (definition, error) => {
    expect(errorsOf(definition).join('\n')).toContain(error);
  });

  it('has a depth, and a number of tests', () => {
    let deep: JsonObject = { path: 'a', op: 'exists' };
    for (let level = 0; level < 1_000; level += 1) deep = { not: deep };
    expect(errorsOf({ ...SUM, where: deep }).join()).toContain('nests deeper than 32 levels');
    const tests = Array.from({ length: 101 }, () => ({ path: 'a', op: 'exists' }));
    expect(errorsOf({ ...SUM, where: { or: tests } })).toEqual(['where: must have at most 100 tests']);
  });
});
