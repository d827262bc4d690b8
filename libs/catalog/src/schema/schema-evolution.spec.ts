import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import { anyObjectSchema, changed, itemOf } from '../../../../test/support/catalog/arbitrary-schemas.js';
import { itemValidatorOf } from '../validation/item-validator.js';
import { incompatibilities } from './schema-evolution.js';
import type { IdentityDescriptor, Schema, SchemaDefinition } from './schema.js';

const text = { type: 'string' };
const email: IdentityDescriptor = { path: 'email', namespace: 'Email', primary: true };

const definition = (schema: JsonObject, more: Partial<SchemaDefinition> = {}): SchemaDefinition => ({
  title: 'T',
  class: 'profile',
  schema,
  identities: [],
  identityMap: true,
  ...more,
});
const before = (schema: JsonObject, more: Partial<Schema> = {}): Schema => ({
  ...definition(schema, more),
  id: 's',
  version: 1,
  enabled: false,
  createdAt: '',
  updatedAt: '',
  ...more,
});

describe('an addition', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['an optional property', { properties: { a: text } }, { properties: { a: text, b: { type: 'integer' } } }],
    ['one further down', { properties: { a: { properties: {} } } }, { properties: { a: { properties: { b: text } } } }],
    [
      'one in the elements of an array',
      { properties: { a: { items: { properties: {} } } } },
      { properties: { a: { items: { properties: { b: text } } } } },
    ],
    ['less that is required', { properties: { a: text }, required: ['a'] }, { properties: { a: text } }],
    ['further values', { properties: { a: { enum: ['x'] } } }, { properties: { a: { enum: ['y', 'x'] } } }],
    ['no list of values any more', { properties: { a: { type: 'string', enum: ['x'] } } }, { properties: { a: text } }],
    ['another title', { properties: { a: text } }, { properties: { a: { ...text, title: 'A', description: 'a' } } }],
    [
      'the same by reference',
      { properties: { a: text } },
      { $defs: { t: text }, properties: { a: { $ref: '#/$defs/t' } } },
    ],
  ])('is %s', (_, old, next) => {
    expect(incompatibilities(before(old), definition(next))).toEqual([]);
  });

  it('is a further secondary identity, and the first primary one while nothing shows', () => {
    const schema = { properties: { email: text, phone: text } };
    const phone = { path: 'phone', namespace: 'Phone', primary: false };
    expect(
      incompatibilities(before(schema, { identities: [email] }), definition(schema, { identities: [phone, email] })),
    ).toEqual([]);
    expect(incompatibilities(before(schema), definition(schema, { identities: [email] }))).toEqual([]);
  });
});

describe('no addition', () => {
  it.each<[string, JsonObject, JsonObject, string, string]>([
    ['a property less', { properties: { a: text } }, { properties: {} }, 'a', 'properties'],
    [
      'another type',
      { properties: { a: { properties: { b: text } } } },
      { properties: { a: { properties: { b: { type: 'integer' } } } } },
      'a.b',
      'type',
    ],
    [
      'another type of elements',
      { properties: { a: { items: text } } },
      { properties: { a: { items: { type: 'integer' } } } },
      'a[*]',
      'type',
    ],
    [
      'a type for what could be anything',
      { properties: { a: { type: 'array' } } },
      { properties: { a: { items: text } } },
      'a[*]',
      'type',
    ],
    [
      'an object where a map was',
      { properties: { a: { type: 'object' } } },
      { properties: { a: { properties: { b: text } } } },
      'a',
      'type',
    ],
    [
      'an integer that becomes a number',
      { properties: { a: { type: 'integer' } } },
      { properties: { a: { type: 'number' } } },
      'a',
      'type',
    ],
    [
      'more that is required',
      { properties: { a: text } },
      { properties: { a: text }, required: ['a'] },
      'a',
      'required',
    ],
    [
      'a new property that is required',
      { properties: {} },
      { properties: { 'a.b': text }, required: ['a.b'] },
      '["a.b"]',
      'required',
    ],
    ['fewer values', { properties: { a: { enum: ['x', 'y'] } } }, { properties: { a: { enum: ['x'] } } }, 'a', 'enum'],
    ['a list of values', { properties: { a: text } }, { properties: { a: { enum: ['x'] } } }, 'a', 'enum'],
    [
      'a new condition',
      { properties: { a: text } },
      { properties: { a: { ...text, maxLength: 3 } } },
      'a',
      'maxLength',
    ],
    [
      'another condition',
      { properties: { a: { ...text, maxLength: 3 } } },
      { properties: { a: { ...text, maxLength: 4 } } },
      'a',
      'maxLength',
    ],
    ['a branch', { properties: { a: text } }, { properties: { a: text }, not: { required: ['a'] } }, '', 'not'],
    [
      'unique elements',
      { properties: { a: { items: text } } },
      { properties: { a: { items: text, uniqueItems: true } } },
      'a',
      'uniqueItems',
    ],
  ])('is %s', (_, old, next, path, keyword) => {
    const [error, ...others] = incompatibilities(before(old), definition(next));
    expect(error).toMatchObject({ path, keyword });
    expect(others).toEqual([]);
  });

  it('is another class, or fewer or other identities', () => {
    const schema = { properties: { email: text } };
    const old = before(schema, { identities: [email] });
    const pathsOf = (next: Partial<SchemaDefinition>, from = old) =>
      incompatibilities(from, definition(schema, { identities: [email], ...next })).map((error) => error.path);
    expect(pathsOf({ class: 'experienceevent' })).toEqual(['class']);
    expect(pathsOf({ identities: [] })).toEqual(['identities']);
    expect(pathsOf({ identities: [{ ...email, primary: false }] })).toEqual(['identities']);
    expect(pathsOf({ identities: [{ ...email, namespace: 'Phone' }] })).toEqual(['identities']);
    expect(pathsOf({ identityMap: false })).toEqual(['identityMap']);
    expect(pathsOf({}, before(schema, { enabled: true }))).toEqual(['identities']);
  });
});

it('whatever changes, an item that was valid stays valid unless the change is refused', () => {
  const cases = anyObjectSchema().chain((schema) => fc.tuple(fc.constant(schema), changed(schema), itemOf(schema)));
  let additions = 0;
  fc.assert(
    fc.property(cases, ([old, next, item]) => {
      fc.pre(next['type'] === 'object');
      expect(itemValidatorOf({ class: 'profile', schema: old })(item as JsonObject)).toEqual([]);
      if (incompatibilities(before(old), definition(next)).length > 0) return;
      additions += 1;
      expect(itemValidatorOf({ class: 'profile', schema: next })(item as JsonObject)).toEqual([]);
    }),
    { numRuns: 150 },
  );
  expect(additions).toBeGreaterThan(10);
});
