import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import {
  anyObjectSchema,
  changed,
  extended,
  itemOf,
  narrowed,
} from '../../../../test/support/catalog/arbitrary-schemas.js';
import { given } from '../../../../test/support/catalog/given.js';
import { CRM, datasetOf, defined, groupDefined, schemaOf } from '../../../../test/support/catalog/schemas.js';
import { defineFieldGroup } from '../field-group/field-group.decider.js';
import { itemValidatorOf } from '../validation/item-validator.js';
import { incompatibilities } from './schema-evolution.js';
import { defineSchema } from './schema.decider.js';
import type { IdentityDescriptor, Schema, SchemaDefinition } from './schema.js';

const text = { type: 'string' };
const email: IdentityDescriptor = { path: 'email', namespace: 'Email', primary: true };

const definition = (schema: JsonObject, more: Partial<SchemaDefinition> = {}): SchemaDefinition => ({
  title: 'T',
  class: 'profile',
  schema,
  fieldGroups: [],
  identities: [],
  identityMap: true,
  ...more,
});
const before = (schema: JsonObject, more: Partial<Schema> = {}): Schema => ({
  ...definition(schema, more),
  groups: [],
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

describe('a schema that a dataset names', () => {
  /** How a new version is taken, of a schema or of a field group with the same properties that the schema uses. */
  const outcomesOf = (old: JsonObject, next: JsonObject) => {
    const schema = (document: JsonObject) => ({ ...schemaOf('crm', {}), schema: document });
    const group = (document: JsonObject) => ({ id: 'g', properties: document['properties'] as JsonObject });
    const user = { ...schemaOf('crm', {}), fieldGroups: ['g'] };
    return {
      ofSchema: given(defined(schema(old)), datasetOf(CRM)).when((catalog) => defineSchema(catalog, schema(next)))
        .decision,
      ofGroup: given(groupDefined(group(old)), defined(user), datasetOf(CRM)).when((catalog) =>
        defineFieldGroup(catalog, group(next)),
      ).decision,
    };
  };

  it('takes every addition, and so does a field group that it uses', () => {
    const cases = anyObjectSchema().chain((old) => fc.tuple(fc.constant(old), extended(old)));
    let changes = 0;
    fc.assert(
      fc.property(cases, ([old, next]) => {
        const { ofSchema, ofGroup } = outcomesOf(old, next);
        expect(['changed', 'unchanged']).toContain(ofSchema.outcome);
        expect(['changed', 'unchanged']).toContain(ofGroup.outcome);
        if (ofSchema.outcome === 'changed' && ofGroup.outcome === 'changed') changes += 1;
      }),
      { numRuns: 50 },
    );
    expect(changes).toBeGreaterThan(15);
  });

  it('refuses every other change with path and reason, and so does a field group that it uses', () => {
    const cases = anyObjectSchema().chain((old) => fc.tuple(fc.constant(old), narrowed(old)));
    const reasons = expect.arrayContaining([
      { path: expect.any(String), keyword: expect.any(String), message: expect.any(String) },
    ]) as unknown;
    fc.assert(
      fc.property(cases, ([old, next]) => {
        fc.pre(next['type'] === 'object');
        const { ofSchema, ofGroup } = outcomesOf(old, next);
        expect(ofSchema).toMatchObject({ refusal: { code: 'SCHEMA_INCOMPATIBLE', errors: reasons } });
        // What is required at the root is said by the schema.
        const sameProperties = JSON.stringify(old['properties']) === JSON.stringify(next['properties']);
        const onlyAdded = Object.keys(next['properties'] as object).includes('new');
        if (sameProperties || onlyAdded) return;
        expect(ofGroup).toMatchObject({ refusal: { code: 'FIELD_GROUP_INCOMPATIBLE', errors: reasons } });
      }),
    );
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
