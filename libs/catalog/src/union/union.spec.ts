import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import { anyObjectSchema } from '../../../../test/support/catalog/arbitrary-schemas.js';
import { AT, given } from '../../../../test/support/catalog/given.js';
import {
  CONTACT,
  CRM,
  datasetOf,
  defined,
  enabled,
  groupDefined,
  ofThings,
  schemaOf,
} from '../../../../test/support/catalog/schemas.js';
import type { CatalogEvent } from '../catalog.events.js';
import { evolveCatalog } from '../sandbox-catalog.js';
import { enableSchema } from '../schema/schema.decider.js';
import { classesOf, unionOf } from './union.js';

const text = { type: 'string' };
const LOYALTY = schemaOf('loyalty', { name: { properties: { first: text } }, points: { type: 'integer' } });

/** The union of the class profile without what the class brings. */
function pathsOf(...events: readonly CatalogEvent[]) {
  const { paths } = unionOf(given(...events).catalog, 'profile');
  return paths.filter(({ path }) => !/^(identityMap|ext|segment)/.test(path));
}

describe('the union of a class', () => {
  it('has every path of its enabled schemas, with type, formats and who contributes it, in order', () => {
    const two = ['crm', 'loyalty'];
    expect(pathsOf(defined(LOYALTY), defined(CRM), enabled(LOYALTY), enabled(CRM))).toEqual([
      { path: 'crmId', type: 'string', schemas: ['crm'] },
      { path: 'email', type: 'string', formats: ['email'], schemas: ['crm'] },
      { path: 'name', type: 'object', schemas: two },
      { path: 'name.first', type: 'string', schemas: two },
      { path: 'name.last', type: 'string', schemas: ['crm'] },
      { path: 'points', type: 'integer', schemas: ['loyalty'] },
      { path: 'tags', type: 'array', schemas: ['crm'] },
      { path: 'tags[*]', type: 'string', schemas: ['crm'] },
    ]);
  });

  it('has what the class brings, of every schema', () => {
    const { catalog } = given(defined(CRM), enabled(CRM), defined(LOYALTY), enabled(LOYALTY));
    const { schemas, paths } = unionOf(catalog, 'profile');
    expect(schemas).toEqual(['crm', 'loyalty']);
    expect(paths).toContainEqual({ path: 'identityMap[*][*].id', type: 'string', schemas });
  });

  it('has the properties of field groups, also of later versions', () => {
    const withFax = { ...CONTACT, properties: { ...CONTACT.properties, fax: text } };
    const extended = { type: 'FieldGroupExtended', data: groupDefined(withFax, 2).data } as const;
    const loyalty = { ...LOYALTY, fieldGroups: ['contact'] };
    const paths = pathsOf(groupDefined(CONTACT), defined(loyalty), enabled(loyalty), extended).map(({ path }) => path);
    expect(paths).toEqual(['address', 'address.city', 'fax', 'name', 'name.first', 'phone', 'points']);
  });

  it('is empty while none of its schemas is enabled, and loses one that is deleted', () => {
    const deleted = { type: 'SchemaDeleted', data: { id: 'crm' } } as const;
    expect(unionOf(given(defined(CRM)).catalog, 'profile')).toEqual({ class: 'profile', schemas: [], paths: [] });
    expect(pathsOf(defined(CRM), enabled(CRM), deleted)).toEqual([]);
  });

  it('is of one class only', () => {
    const account = ofThings('account');
    const { catalog } = given(defined(CRM), enabled(CRM), defined(account), enabled(account));
    const { schemas, paths } = unionOf(catalog, 'account');
    expect(schemas).toEqual(['account']);
    expect(paths).toContainEqual({ path: 'accountKey.sourceKey', type: 'string', schemas });
    expect(paths.map(({ path }) => path)).not.toContain('identityMap');
  });

  it('has each path once, however many schemas contribute it', () => {
    const properties = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${String(i)}`, text]));
    const many = Array.from({ length: 200 }, (_, i) => schemaOf(`s${String(i).padStart(3, '0')}`, properties));
    const paths = pathsOf(...many.flatMap((schema) => [defined(schema), enabled(schema)]));
    expect(paths).toHaveLength(100);
    for (const { schemas } of paths) expect(schemas).toEqual(many.map(({ id }) => id));
  });

  it('is computed once for as long as the schemas stay as they are', () => {
    const { catalog } = given(defined(CRM), enabled(CRM), defined(LOYALTY));
    const union = unionOf(catalog, 'profile');
    const withDataset = evolveCatalog(catalog, { event: datasetOf(CRM), at: AT });
    expect(unionOf(withDataset, 'profile')).toBe(union);
    const withLoyalty = evolveCatalog(withDataset, { event: enabled(LOYALTY), at: AT });
    expect(unionOf(withLoyalty, 'profile').schemas).toEqual(['crm', 'loyalty']);
    expect(unionOf(catalog, 'profile')).toBe(union);
  });
});

it('the classes are the built-in ones and those of schemas, in order', () => {
  const { catalog } = given(defined(CRM), defined(ofThings('product')));
  const classes = ['account', 'account-person', 'experienceevent', 'opportunity', 'opportunity-person'];
  expect(classesOf(catalog)).toEqual([...classes, 'product', 'profile']);
});

describe('whatever the schemas declare', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const documents = fc.array(anyObjectSchema(), { minLength: ids.length, maxLength: ids.length });

  /** Enables the schemas one after the other; those that are refused stay out. */
  function enableAll(all: readonly JsonObject[], order: readonly string[]) {
    const schemas = ids.map((id, index) => ({ ...schemaOf(id, {}), schema: all[index] as JsonObject }));
    return order.reduce(
      (before, id) => {
        const decision = enableSchema(before, { id });
        return decision.outcome === 'changed' ? evolveCatalog(before, { event: decision.events[0], at: AT }) : before;
      },
      given(...schemas.map((schema) => defined(schema))).catalog,
    );
  }

  it('the union does not depend on the order in which they were enabled', () => {
    let whole = 0;
    fc.assert(
      fc.property(documents, fc.shuffledSubarray(ids, { minLength: ids.length }), (all, order) => {
        const first = enableAll(all, ids);
        const union = unionOf(first, 'profile');
        // Who is kept out by whom depends on the order; among those that fit together nothing does.
        const fitting = order.filter((id) => union.schemas.includes(id));
        expect(unionOf(enableAll(all, fitting), 'profile')).toEqual(union);
        if (union.schemas.length > 1) whole += 1;
      }),
    );
    expect(whole).toBeGreaterThan(10);
  });

  it('of two schemas the second one is refused exactly when the first one would be', () => {
    let refusals = 0;
    fc.assert(
      fc.property(documents, (all) => {
        const kept = (...order: string[]) => unionOf(enableAll(all, order), 'profile').schemas.length;
        expect(kept('a', 'b')).toBe(kept('b', 'a'));
        if (kept('a', 'b') < 2) refusals += 1;
      }),
    );
    expect(refusals).toBeGreaterThan(5);
  });

  it('every path has one type, that of each schema which contributes it', () => {
    fc.assert(
      fc.property(documents, (all) => {
        const catalog = enableAll(all, ids);
        const { paths } = unionOf(catalog, 'profile');
        expect(new Set(paths.map(({ path }) => path)).size).toBe(paths.length);
        for (const { path, type, schemas } of paths) {
          for (const id of schemas) {
            const alone = unionOf({ schemas: new Map([[id, catalog.schemas.get(id)!]]) }, 'profile');
            expect(alone.paths).toContainEqual(expect.objectContaining({ path, type }));
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
