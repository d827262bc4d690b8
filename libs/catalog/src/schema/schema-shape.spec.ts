import { describe, expect, it } from '@jest/globals';

import type { JsonObject, JsonValue } from '#core';

import { shapeOf, shapeReadingOf } from './schema-shape.js';
import type { SchemaContent } from './schema.js';
import { shapesByPath } from './shapes-by-path.js';

const text = { type: 'string' };
const typedPaths = (content: SchemaContent) =>
  [...shapesByPath(shapeOf(content))].map(([path, { type }]) => [path, type] as const);
const read = (schema: JsonObject) => shapeReadingOf({ class: 'profile', schema });
const errorsOf = (schema: JsonObject) => {
  const reading = read(schema);
  return 'errors' in reading ? reading.errors : [];
};
const property = (schema: JsonValue) => ({ properties: { a: schema } });
const nested = (levels: number, inner: JsonObject): JsonObject =>
  levels === 0 ? inner : { type: 'object', properties: { x: nested(levels - 1, inner) } };
const numbered = (count: number, value: JsonObject) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${String(i)}`, value]));

describe('the paths of a schema', () => {
  it('are what its properties, references and allOf declare, and what its class brings', () => {
    const schema = {
      $defs: { address: { properties: { city: text, 'zip.code': text } } },
      properties: { home: { $ref: '#/$defs/address' }, orders: { type: 'array', items: { $ref: '#/$defs/address' } } },
      allOf: [
        { properties: { home: { properties: { since: { type: 'integer' } } } } },
        { properties: { vip: { const: true } } },
      ],
    };
    const paths = typedPaths({ class: 'profile', schema }).filter(([path]) => !/^(identityMap|ext|segment)/.test(path));
    expect(Object.fromEntries(paths)).toEqual({
      home: 'object',
      'home.city': 'string',
      'home["zip.code"]': 'string',
      'home.since': 'integer',
      orders: 'array',
      'orders[*]': 'object',
      'orders[*].city': 'string',
      'orders[*]["zip.code"]': 'string',
      vip: 'boolean',
    });
  });

  it('tell maps from objects', () => {
    const schema = { properties: { any: { type: 'object' }, prices: { additionalProperties: { type: 'number' } } } };
    const paths = new Map(typedPaths({ class: 'experienceevent', schema }));
    expect(paths.get('any')).toBe('map');
    expect(paths.get('prices')).toBe('map');
    expect(paths.get('prices[*]')).toBe('number');
    expect(paths.get('identityMap[*][*].id')).toBe('string');
    expect(paths.get('timestamp')).toBe('string');
  });
});

describe('a schema that is refused', () => {
  it.each<[string, JsonObject, string]>([
    ['not JSON Schema', property({ type: 'text' }), 'schema.properties.a.type'],
    [
      'a keyword with a value of the wrong kind',
      property({ type: 'string', minLength: '1' }),
      'schema.properties.a.minLength',
    ],
    ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, 'schema.$schema'],
    ['two types', property({ type: ['string', 'null'] }), 'schema.properties.a.type'],
    ['null as a type', property({ type: 'null' }), 'schema.properties.a.type'],
    ['no type', property({ title: 'A' }), 'schema.properties.a type'],
    ['a boolean for a schema', property(true), 'schema.properties.a'],
    ['an unknown keyword', property({ type: 'string', maxLenght: 3 }), 'schema.properties.a.maxLenght'],
    ['keys by pattern', { patternProperties: { '^x': text } }, 'schema.patternProperties'],
    ['a format that is not checked', property({ type: 'string', format: 'iban' }), 'schema.properties.a.format'],
    ['a pattern that backtracks', property({ type: 'string', pattern: '(a)\\1' }), 'schema.properties.a.pattern'],
    [
      'a pattern that is too long',
      property({ type: 'string', pattern: 'a'.repeat(513) }),
      'schema.properties.a.pattern',
    ],
    ['null among the values', property({ enum: ['a', null] }), 'schema.properties.a.enum'],
    ['no value at all', property({ type: 'string', enum: [] }), 'schema.properties.a.enum'],
    [
      'lists that share no value',
      { allOf: [property({ enum: ['a'] }), property({ enum: ['b'] })] },
      'schema.allOf[1].properties.a enum',
    ],
    ['a reference to elsewhere', property({ $ref: 'https://example.org/a.json' }), 'schema.properties.a.$ref'],
    ['a reference to nothing', property({ $ref: '#/$defs/b' }), 'schema.properties.a.$ref'],
    [
      'itself within itself',
      { $defs: { n: property({ $ref: '#/$defs/n' }) }, ...property({ $ref: '#/$defs/n' }) },
      'schema.$defs.n.properties.a.$ref',
    ],
    [
      'two types at one path',
      { properties: { a: text }, allOf: [property({ type: 'integer' })] },
      'schema.allOf[0].properties.a type',
    ],
    ['a type that the class contradicts', { properties: { identityMap: text } }, 'schema.properties.identityMap type'],
    ['what is required and not declared', { ...property(text), required: ['b'] }, 'schema required'],
    ['more than is declared', { ...property(text), additionalProperties: true }, 'schema additionalProperties'],
    [
      'an object that shuts out its own part',
      { ...property(text), additionalProperties: false, allOf: [{ properties: { b: text } }] },
      'schema additionalProperties',
    ],
    [
      'a branch that declares',
      { ...property(text), anyOf: [{ properties: { b: text } }] },
      'schema.anyOf[0].properties.b properties',
    ],
    ['a branch that requires what is not there', { ...property(text), if: { required: ['b'] } }, 'schema.if required'],
    ['a condition on what is not there', { ...property(text), dependentRequired: { a: ['b'] } }, 'schema required'],
    [
      'a branch that closes',
      { ...property(text), oneOf: [{ additionalProperties: false }] },
      'schema.oneOf[0] additionalProperties',
    ],
    ['unique objects', property({ items: { type: 'object' }, uniqueItems: true }), 'schema.properties.a uniqueItems'],
    ['a key that is an instruction', { properties: { $unset: text } }, 'schema.properties.$unset'],
    [
      'a key that is a prototype',
      JSON.parse('{"properties":{"__proto__":{"type":"string"}}}') as JsonObject,
      'schema.properties.__proto__',
    ],
    ['a key without a name', { properties: { '': text } }, 'schema.properties[""]'],
    ['an older draft', { definitions: {}, ...property(text) }, 'schema.definitions'],
  ])('for %s', (_, schema, at) => {
    const [path, keyword] = at.split(' ');
    const error = keyword === undefined ? { path } : { path, keyword };
    expect(errorsOf(schema)).toContainEqual(expect.objectContaining(error));
  });

  it('for what nests too deeply, in the document, by reference or in items', () => {
    expect(errorsOf(nested(100, {}))).toMatchObject([{ path: 'schema' }]);
    expect(errorsOf(nested(65, text))).toMatchObject([{ keyword: 'properties' }]);
    const $defs = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `d${String(i)}`,
        property(i === 0 ? text : { $ref: `#/$defs/d${String(i - 1)}` }),
      ]),
    );
    expect(errorsOf({ $defs, ...property({ $ref: '#/$defs/d199' }) })).toMatchObject([{ keyword: '$ref' }]);
  });

  it('for what is too large, as text, in paths or by reference on reference', () => {
    expect(errorsOf({ description: 'x'.repeat(300_000) })).toMatchObject([{ path: 'schema' }]);
    expect(errorsOf({ properties: numbered(1_001, text) })).toMatchObject([{ keyword: 'properties' }]);
    const doubling = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `d${String(i)}`,
        { properties: numbered(2, i === 0 ? text : { $ref: `#/$defs/d${String(i - 1)}` }) },
      ]),
    );
    expect(errorsOf({ $defs: doubling, ...property({ $ref: '#/$defs/d19' }) })).toMatchObject([{ keyword: '$ref' }]);
  });
});

describe('a schema that is taken', () => {
  it.each<[string, JsonObject]>([
    ['nothing but what the class brings', {}],
    [
      'annotations, an id and the dialect',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: 'https://example.org/crm',
        title: 'CRM',
        ...property({ ...text, default: 'x' }),
      },
    ],
    ['an explicitly closed object', { ...property(text), additionalProperties: false }],
    [
      'branches over what is declared',
      {
        ...property(text),
        properties: { a: text, b: { type: 'integer' } },
        anyOf: [{ required: ['a'] }, { properties: { b: { minimum: 3 } } }],
        dependentRequired: { a: ['b'] },
      },
    ],
    ['a narrowed member of the class', { properties: { identityMap: { type: 'object', maxProperties: 1 } } }],
    ['a reference with an escaped name', { $defs: { 'a/b c': text }, ...property({ $ref: '#/$defs/a~1b%20c' }) }],
    ['as many levels as an item may have', nested(63, text)],
  ])('with %s', (_, schema) => {
    expect(errorsOf(schema)).toEqual([]);
  });
});
