import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { patchRulesOf } from './patch-rules.js';

const schema: JsonObject = {
  properties: {
    crmId: { type: 'string' },
    name: { type: 'object', properties: { first: { type: 'string' }, last: { type: 'string' } }, required: ['first'] },
    tags: { type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true },
    cards: {
      type: 'array',
      items: { type: 'object', properties: { no: { type: 'string' }, until: { type: 'string' } }, required: ['no'] },
    },
    age: { type: 'integer', minimum: 0 },
    notes: { type: 'object' },
    scores: { type: 'object', additionalProperties: { type: 'integer' } },
  },
  required: ['crmId', 'age'],
  dependentRequired: { age: ['name'] },
  if: { properties: { age: { minimum: 18 } }, required: ['age'] },
  then: { required: ['tags'] },
};
const rules = patchRulesOf({ class: 'profile', schema });

describe('the data of a patch', () => {
  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['some of what is required', { age: 20 }],
    ['some of what a nested object requires', { name: { last: 'Li' } }],
    ['a whole array', { tags: ['a', 'b'] }],
    ['any key of an open object', { notes: { x: { y: 1 } }, scores: { a: 1 } }],
  ])('may be %s', (_what, data) => {
    expect(rules.validate(data)).toEqual([]);
  });

  it.each<[string, JsonObject, string, string]>([
    ['another type', { age: 'x' }, 'age', 'type'],
    ['a value out of bounds', { age: -1 }, 'age', 'minimum'],
    ['what is not declared', { name: { middle: 'x' } }, 'name.middle', 'additionalProperties'],
    ['an array too short', { tags: ['a'] }, 'tags', 'minItems'],
    ['an element that lacks what it must have', { cards: [{ until: 'x' }] }, 'cards[0].no', 'required'],
  ])('is refused with %s', (_what, data, path, keyword) => {
    expect(rules.validate(data)).toMatchObject([{ path, keyword }]);
  });
});

describe('what is appended', () => {
  it('need not be as long as the array', () => {
    expect(rules.validateAppended({ tags: ['a'] })).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ tags: [1] }, 'tags[0]'],
    [{ cards: [{ until: 'x' }] }, 'cards[0].no'],
  ])('%j is refused by its elements', (data, path) => {
    expect(rules.validateAppended(data)).toMatchObject([{ path }]);
  });
});

describe('a path of a patch', () => {
  it.each([
    ['crmId', { type: 'string', required: true }],
    ['name', { type: 'object', required: false }],
    ['name.first', { type: 'string', required: true }],
    ['name.last', { type: 'string', required: false }],
    ['tags', { type: 'array', required: false }],
    ['notes.a.b', { type: 'any', required: false }],
    ['scores.a', { type: 'integer', required: false }],
    ['identityMap.Email', { type: 'array', required: false }],
    ['nope', undefined],
    ['name.first.x', undefined],
    ['tags.length', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%s leads to %j', (path, place) => {
    expect(rules.placeOf(path === '' ? [] : path.split('.'))).toEqual(place);
  });
});
