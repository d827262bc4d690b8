import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { CRM, CRM_SCHEMA } from '../../../../test/support/catalog/schemas.js';
import { itemValidatorOf } from './item-validator.js';

const text = { type: 'string' };
const crm = itemValidatorOf({ class: 'profile', schema: CRM_SCHEMA });
const validatorOf = (properties: JsonObject, more: JsonObject = {}) =>
  itemValidatorOf({ class: 'profile', schema: { properties, ...more } });
const purchase = itemValidatorOf({
  class: 'experienceevent',
  schema: {
    properties: {
      customerId: text,
      sku: text,
      name: text,
      quantity: { type: 'integer' },
      unitPrice: { type: 'number' },
      priceTotal: { type: 'number', multipleOf: 0.01 },
    },
  },
});
const PURCHASE = {
  _id: '536365-1',
  timestamp: '2010-12-01T08:26:00Z',
  eventType: 'commerce.purchases',
  customerId: '17850',
  sku: '85123A',
  name: 'WHITE HANGING HEART T-LIGHT HOLDER',
  quantity: 6,
  unitPrice: 2.55,
  priceTotal: 15.3,
};

describe('validating an item', () => {
  it('finds nothing wrong with a valid one', () => {
    expect(crm({ crmId: '7', name: { first: 'Ona', last: 'Li' }, tags: ['a'] })).toEqual([]);
    expect(purchase(PURCHASE)).toEqual([]);
  });

  it('answers as the contract has it', () => {
    expect(crm({ crmId: 7 })).toEqual([{ path: 'crmId', keyword: 'type', message: 'must be string' }]);
  });

  it('names places by dotted paths, whatever the keys are', () => {
    const validator = validatorOf({
      'a.b': { type: 'object', properties: { '0': { type: 'integer' }, 'x/y~z': { type: 'integer' } } },
      tags: { type: 'array', items: { type: 'array', items: text } },
    });
    const item = { 'a.b': { '0': '', 'x/y~z': '' }, tags: [['a'], ['b', 3]] };
    expect(validator(item).map((error) => error.path)).toEqual(['["a.b"].0', '["a.b"].x/y~z', 'tags[1][1]']);
  });

  it('names the key that is missing, not declared or not allowed', () => {
    const validator = validatorOf(
      { name: { type: 'object', properties: { first: text }, required: ['first'] }, tier: { enum: ['gold', 'none'] } },
      { dependentRequired: { tier: ['name'] } },
    );
    expect(validator({ name: { last: 'Li' }, tier: 'silver' })).toEqual([
      { path: 'name.first', keyword: 'required', message: 'is required' },
      { path: 'name.last', keyword: 'additionalProperties', message: 'is not declared in the schema' },
      { path: 'tier', keyword: 'enum', message: 'must be one of "gold", "none"' },
    ]);
    expect(validator({ tier: 'gold' })).toEqual([
      { path: 'name', keyword: 'dependentRequired', message: 'is required beside tier' },
    ]);
  });

  it('stops at five errors', () => {
    expect(crm({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 })).toHaveLength(5);
  });

  it('refuses keys that every object inherits, unless they are declared', () => {
    const item = JSON.parse('{"crmId":"7","__proto__":{"x":1},"constructor":1,"toString":"x"}') as JsonObject;
    expect(crm(item).map((error) => error.path)).toEqual(['__proto__', 'constructor', 'toString']);
    const validator = validatorOf({ constructor: text }, { required: ['constructor'] });
    expect(validator({})).toMatchObject([{ path: 'constructor', keyword: 'required' }]);
    expect(validator(JSON.parse('{"constructor":"x"}') as JsonObject)).toEqual([]);
  });

  it('takes what the class brings, and checks it', () => {
    expect(
      crm({
        crmId: '7',
        identityMap: { Email: [{ id: 'a@example.org', primary: true }] },
        extSourceSystemAudit: { lastUpdatedDate: '2010-12-01T08:26:00Z' },
        segmentMembership: { ups: { s1: { lastQualificationTime: '2010-12-01T08:26:00Z', status: 'realized' } } },
      }),
    ).toEqual([]);
    const bad = {
      crmId: '7',
      identityMap: { Email: [{ primary: 'yes' }] },
      extSourceSystemAudit: { lastUpdatedDate: 'now' },
      _id: '1',
    };
    expect(
      crm(bad)
        .map((error) => error.path)
        .sort(),
    ).toEqual([
      '_id',
      'extSourceSystemAudit.lastUpdatedDate',
      'identityMap.Email[0].id',
      'identityMap.Email[0].primary',
    ]);
    const { _id, timestamp, ...rest } = PURCHASE;
    expect(
      purchase({ ...rest, extSourceSystemAudit: {} })
        .map((error) => error.path)
        .sort(),
    ).toEqual(['_id', 'extSourceSystemAudit', 'timestamp']);
    expect([_id, timestamp]).toHaveLength(2);
  });

  it.each([
    '2011-02-30T00:00:00Z',
    '2010-12-01T24:00:00Z',
    '2010-12-01T08:26:00',
    '2010-12-01',
    'yesterday',
    '2016-12-31T23:59:60Z',
  ])('refuses the time %s', (timestamp) => {
    expect(purchase({ ...PURCHASE, timestamp })).toMatchObject([{ path: 'timestamp', keyword: 'format' }]);
  });

  it.each([
    ['date', '2012-02-29', '2011-02-29'],
    ['time', '08:26:00+01:00', '29:00:00Z'],
    ['email', 'ona@example.org', 'ona'],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123'],
    ['ipv4', '10.0.0.1', '10.0.0.256'],
    ['uri', 'https://example.org/a', 'not a uri'],
  ])('checks the format %s', (format, good, bad) => {
    const validator = validatorOf({ a: { type: 'string', format } });
    expect(validator({ a: good })).toEqual([]);
    expect(validator({ a: bad })).toMatchObject([{ path: 'a', keyword: 'format' }]);
  });

  it('demands what every schema that applies demands, and refuses what none declares', () => {
    const validator = validatorOf(
      { home: { $ref: '#/$defs/place', minProperties: 2 } },
      {
        $defs: { place: { properties: { city: { type: 'string', minLength: 2 } } } },
        allOf: [
          {
            properties: {
              home: { properties: { city: { type: 'string', minLength: 4 }, since: { type: 'integer' } } },
            },
          },
        ],
      },
    );
    expect(validator({ home: { city: 'Oslo', since: 1 } })).toEqual([]);
    expect(validator({ home: { city: 'Ulm', since: 1 } })).toMatchObject([{ path: 'home.city', keyword: 'minLength' }]);
    expect(validator({ home: { city: 'Oslo', zip: '1' } })).toMatchObject([{ path: 'home.zip' }]);
    expect(validator({ home: { city: 'Oslo' } })).toMatchObject([{ path: 'home', keyword: 'minProperties' }]);
  });

  it('follows branches', () => {
    const validator = validatorOf(
      { email: text, phone: text },
      { anyOf: [{ required: ['email'] }, { required: ['phone'] }] },
    );
    expect(validator({ phone: '1' })).toEqual([]);
    expect(validator({}).map((error) => error.keyword)).toContain('anyOf');
  });

  it('reckons in decimals where doubles do not', () => {
    expect(purchase({ ...PURCHASE, priceTotal: 4.35 })).toEqual([]);
    expect(purchase({ ...PURCHASE, priceTotal: 1.111 })).toMatchObject([{ keyword: 'multipleOf' }]);
  });

  it('is compiled once for a version of a schema', () => {
    const again = itemValidatorOf({ class: 'profile', schema: CRM.schema });
    expect(again).toBe(crm);
    expect(itemValidatorOf({ class: 'experienceevent', schema: CRM.schema })).not.toBe(crm);
  });
});
