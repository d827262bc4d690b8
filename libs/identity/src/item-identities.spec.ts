import { describe, expect, it } from '@jest/globals';

import { BUILT_IN_NAMESPACES, namespaceKey, type IdentityDescriptor, type IdType, type Namespace } from '#catalog';
import type { JsonObject } from '#core';

import { blockedValues } from './blocked-values.js';
import { compileIdentityRules, identitiesOf, type ItemIdentities } from './item-identities.js';

const defined = (code: string, idType: IdType): Namespace => ({
  code,
  name: code,
  idType,
  caseSensitive: true,
  builtIn: false,
});
const NAMESPACES = new Map(BUILT_IN_NAMESPACES);
for (const one of [defined('CRMID', 'CROSS_DEVICE'), defined('BASKET', 'COOKIE'), defined('SKU', 'NON_PEOPLE')]) {
  NAMESPACES.set(namespaceKey(one.code), one);
}

const CRM: IdentityDescriptor = { path: 'crmId', namespace: 'crmid', primary: true };
const MAIL: IdentityDescriptor = { path: 'contact.email', namespace: 'Email', primary: false };

function given(descriptors: readonly IdentityDescriptor[], priority?: readonly string[]) {
  const find = (code: string) => NAMESPACES.get(namespaceKey(code));
  const rules = compileIdentityRules({
    descriptors,
    find,
    blocked: blockedValues(['test']),
    ...(priority !== undefined && { priority }),
  });
  return (item: JsonObject): ItemIdentities => identitiesOf(rules, item);
}

const owned = (namespace: string, id: string, others: readonly [string, string][] = []) => ({
  outcome: 'found',
  owner: { namespace, id },
  others: others.map(([code, value]) => ({ namespace: code, id: value })),
});

describe('the owner of an item', () => {
  it('is the primary descriptor of the schema, with the code as defined', () => {
    expect(given([CRM, MAIL])({ crmId: ' 7 ' })).toEqual(owned('CRMID', '7'));
  });

  it('is the entry of identityMap with primary: true, which a descriptor beats', () => {
    const map = { Email: [{ id: 'A@b.org', primary: true }], ecid: [{ id: '1'.repeat(38) }] };
    expect(given([])({ identityMap: map })).toEqual(owned('Email', 'a@b.org', [['ECID', '1'.repeat(38)]]));
    expect(given([CRM])({ crmId: '7', identityMap: map })).toEqual(
      owned('CRMID', '7', [
        ['Email', 'a@b.org'],
        ['ECID', '1'.repeat(38)],
      ]),
    );
    expect(given([CRM])({ identityMap: map })).toMatchObject({ owner: { namespace: 'Email', id: 'a@b.org' } });
  });

  it('is undecided between two different entries with primary: true', () => {
    const item = (one: string, other: string) => ({
      identityMap: {
        Email: [
          { id: one, primary: true },
          { id: other, primary: true },
        ],
      },
    });
    expect(given([])(item('a@x', 'b@x'))).toMatchObject({
      outcome: 'refused',
      code: 'PRIMARY_IDENTITY_AMBIGUOUS',
      errors: [{ path: 'identityMap.Email[0].id' }, { path: 'identityMap.Email[1].id' }],
    });
    expect(given([])(item('a@x', ' A@x'))).toEqual(owned('Email', 'a@x'));
  });

  it.each<[string, readonly IdentityDescriptor[], JsonObject, string]>([
    ['no value', [CRM, MAIL], { contact: { email: 'a@x' } }, 'crmId'],
    ['an entry that is not primary', [], { identityMap: { CRMID: [{ id: '7', primary: false }] } }, 'identityMap'],
    ['nothing at all', [], {}, 'identityMap'],
    ['an inherited name', [{ ...CRM, path: 'constructor' }], {}, 'constructor'],
  ])('is missing with %s', (_name, descriptors, item, path) => {
    expect(given(descriptors)(item)).toMatchObject({
      outcome: 'refused',
      code: 'PRIMARY_IDENTITY_MISSING',
      errors: [{ path }],
    });
  });

  it('is refused when its value is blocked or invalid, even if another one could own', () => {
    const purchases = given([CRM, { path: 'basketId', namespace: 'BASKET', primary: true }]);
    expect(purchases({ crmId: 'NA', basketId: 'B1' })).toMatchObject({
      outcome: 'refused',
      code: 'IDENTITY_BLOCKED',
      errors: [{ path: 'crmId' }],
    });
    expect(given([])({ identityMap: { ECID: [{ id: '12', primary: true }] } })).toMatchObject({
      outcome: 'refused',
      code: 'IDENTITY_INVALID',
      errors: [{ path: 'identityMap.ECID[0].id' }],
    });
  });

  it('is a person, never a thing or an account', () => {
    const item = { identityMap: { SKU: [{ id: 'x1', primary: true }], CRMID: [{ id: '7' }] } };
    expect(given([])(item)).toMatchObject({
      code: 'PRIMARY_IDENTITY_MISSING',
      errors: [{ path: 'identityMap.SKU[0].id' }],
    });
  });
});

describe('the owner of an event', () => {
  const VISIT: IdentityDescriptor = { path: 'ecid', namespace: 'ECID', primary: true };
  const ECID = '1'.repeat(38);
  const item = { ecid: ECID, contact: { email: 'A@b.org' }, identityMap: { CRMID: [{ id: '7' }, { id: '8' }] } };

  it('is of the best namespace in the priorities of the sandbox, whoever is primary', () => {
    expect(given([VISIT, MAIL], ['crmid', 'EMAIL', 'ECID'])(item)).toMatchObject({ owner: { id: '7' } });
    expect(given([VISIT, MAIL], ['email', 'crmid'])(item)).toEqual(
      owned('Email', 'a@b.org', [
        ['ECID', ECID],
        ['CRMID', '7'],
        ['CRMID', '8'],
      ]),
    );
  });

  it('is of several of one namespace the first, descriptors before entries of identityMap', () => {
    const rules = given([VISIT, CRM], ['CRMID']);
    expect(rules(item)).toMatchObject({ owner: { id: '7' } });
    expect(rules({ ...item, crmId: '9' })).toMatchObject({ owner: { id: '9' } });
    const primary = { identityMap: { CRMID: [{ id: '7' }, { id: '8', primary: true }] } };
    expect(rules(primary)).toMatchObject({ owner: { id: '7' } });
  });

  it.each([[[]], [['IDFA']], [['NOPE']], [['SKU']]])(
    'is that of a record where %j lists none of its namespaces',
    (priority) => {
      const bought = { ...item, identityMap: { ...item.identityMap, SKU: [{ id: 'x1' }] } };
      expect(given([VISIT, MAIL], priority)(bought)).toEqual(given([VISIT, MAIL])(bought));
      expect(given([MAIL], priority)(item)).toMatchObject({ code: 'PRIMARY_IDENTITY_MISSING' });
    },
  );

  it('needs no primary identity where the priorities decide', () => {
    expect(given([MAIL], ['crmid'])(item)).toMatchObject({ owner: { namespace: 'CRMID', id: '7' } });
  });

  it('is refused when its value is blocked, even if another one could own', () => {
    expect(given([VISIT, MAIL], ['Email', 'ECID'])({ ...item, contact: { email: 'NA' } })).toMatchObject({
      code: 'IDENTITY_BLOCKED',
      errors: [{ path: 'contact.email' }],
    });
  });
});

describe('the other identities of an item', () => {
  it('are each there once, without the owner', () => {
    const item = {
      crmId: '7',
      contact: { email: 'A@x.org' },
      identityMap: { Email: [{ id: 'a@x.org ' }, { id: 'b@x.org' }], CRMID: [{ id: '7' }] },
    };
    expect(given([CRM, MAIL])(item)).toEqual(
      owned('CRMID', '7', [
        ['Email', 'a@x.org'],
        ['Email', 'b@x.org'],
      ]),
    );
  });

  it('are left out with a warning when blocked or invalid', () => {
    const item = {
      crmId: '7',
      contact: { email: 'TEST' },
      identityMap: { ECID: [{ id: 'x' }], BASKET: [{ id: 'B1' }] },
    };
    expect(given([CRM, MAIL])(item)).toMatchObject({
      ...owned('CRMID', '7', [['BASKET', 'B1']]),
      warning: {
        code: 'IDENTITY_BLOCKED',
        errors: [
          { path: 'contact.email', keyword: 'IDENTITY_BLOCKED' },
          { path: 'identityMap.ECID[0].id', keyword: 'IDENTITY_INVALID' },
        ],
      },
    });
  });

  it('never are of things or accounts', () => {
    const item = { crmId: '7', identityMap: { SKU: [{ id: 'x1' }], b2b_account: [{ id: 'a' }] } };
    expect(given([CRM])(item)).toEqual(owned('CRMID', '7'));
  });

  it('are 19 beside the owner, not more', () => {
    const item = (count: number) => ({
      crmId: '7',
      identityMap: { Email: Array.from({ length: count }, (_, i) => ({ id: `${i}@x` })) },
    });
    expect(given([CRM])(item(19))).toMatchObject({ outcome: 'found' });
    expect(given([CRM])(item(20))).toMatchObject({
      outcome: 'refused',
      code: 'TOO_MANY_IDENTITIES',
      errors: [{ path: 'identityMap.Email[19].id' }],
    });
  });
});

describe('an identity that cannot be read', () => {
  it.each<[string, JsonObject, string, string]>([
    ['of an unknown namespace', { identityMap: { NOPE: [] } }, 'NAMESPACE_NOT_FOUND', 'identityMap.NOPE'],
    [
      'of a namespace named __proto__',
      JSON.parse('{"identityMap":{"__proto__":[]}}') as JsonObject,
      'NAMESPACE_NOT_FOUND',
      'identityMap.__proto__',
    ],
    ['in a map that is a list', { identityMap: [] }, 'SCHEMA_VIOLATION', 'identityMap'],
    ['in a namespace that is no list', { identityMap: { Email: {} } }, 'SCHEMA_VIOLATION', 'identityMap.Email'],
    ['in an entry that is text', { identityMap: { Email: ['a@x'] } }, 'SCHEMA_VIOLATION', 'identityMap.Email[0]'],
    ['whose id is a number', { identityMap: { Email: [{ id: 7 }] } }, 'SCHEMA_VIOLATION', 'identityMap.Email[0].id'],
    ['without an id', { identityMap: { Email: [{}] } }, 'SCHEMA_VIOLATION', 'identityMap.Email[0].id'],
    [
      'whose primary is text',
      { identityMap: { Email: [{ id: 'a', primary: 'yes' }] } },
      'SCHEMA_VIOLATION',
      'identityMap.Email[0].primary',
    ],
    ['that a descriptor finds as a number', { crmId: 7 }, 'SCHEMA_VIOLATION', 'crmId'],
  ])('%s', (_name, item, code, path) => {
    expect(given([CRM])({ crmId: '7', ...item })).toMatchObject({ outcome: 'refused', code, errors: [{ path }] });
  });
});
