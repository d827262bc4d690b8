import { describe, expect, it } from '@jest/globals';

import type { Decision } from '#catalog';
import type { JsonObject } from '#core';

import { AT, given as givenCatalog } from '../../../../test/support/catalog/given.js';
import { datasetOf, defined, enabled, ofThings } from '../../../../test/support/catalog/schemas.js';
import {
  defineAttribute,
  deleteAttribute,
  disableAttribute,
  endFilling,
  publishAttribute,
  type AttributeCatalog,
} from './attribute.decider.js';
import { decodeAttributeEvent, evolveAttributes, type AttributeEvent } from './attribute.events.js';
import { MAX_PUBLISHED, type ComputedAttributes } from './computed-attribute.js';

const ORDERS = {
  ...ofThings('experienceevent'),
  id: 'orders',
  schema: {
    properties: { orderId: { type: 'string' }, total: { type: 'number' }, channel: { type: 'string' } },
  },
  identityMap: true,
  identities: [],
};
const CATALOG = [defined(ORDERS), enabled(ORDERS), datasetOf(ORDERS)] as const;

const SUM = { aggregate: 'SUM', path: 'total' } as const;
const DEFINED = { type: 'ComputedAttributeDefined', data: { name: 'spend', definition: SUM } } as const;
const PUBLISHED = {
  type: 'ComputedAttributePublished',
  data: { name: 'spend', definition: SUM, valueType: 'number', job: 'j1' },
} as const;
const named = <T extends AttributeEvent['type']>(type: T, name = 'spend') => ({ type, data: { name } }) as const;
const FILLED_IN = named('ComputedAttributeFilledIn');
const FAILED = named('ComputedAttributeFailed');
const DISABLED = named('ComputedAttributeDisabled');

function given(...events: readonly AttributeEvent[]) {
  const attributes = events.reduce<ComputedAttributes>((all, { type, data }) => {
    const event = decodeAttributeEvent(type, JSON.stringify(data)) as AttributeEvent;
    return evolveAttributes(all, { event, at: AT });
  }, new Map());
  const { catalog } = givenCatalog(...CATALOG);
  return {
    attributes,
    when(decide: (state: AttributeCatalog) => Decision<AttributeEvent>) {
      const decision = decide({ catalog, attributes });
      return {
        then: (outcome: 'created' | 'changed', event: AttributeEvent) =>
          expect(decision).toEqual({ outcome, events: [event] }),
        thenUnchanged: () => expect(decision).toEqual({ outcome: 'unchanged' }),
        thenRefused: (code: string, ...paths: readonly string[]) => {
          expect(decision).toMatchObject({ outcome: 'refused', refusal: { code } });
          const { errors = [] } = decision.outcome === 'refused' ? decision.refusal : {};
          expect(errors.map(({ path }) => path)).toEqual(paths);
        },
      };
    },
  };
}

const define =
  (body: JsonObject, name = 'spend') =>
  (state: AttributeCatalog) =>
    defineAttribute(state, { name, body });
const publish =
  (name = 'spend') =>
  (state: AttributeCatalog) =>
    publishAttribute(state, { name, job: 'j1' });
const disable = (state: AttributeCatalog) => disableAttribute(state, { name: 'spend' });
const remove = (state: AttributeCatalog) => deleteAttribute(state, { name: 'spend' });

describe('defining an attribute', () => {
  it('makes a draft', () => {
    given().when(define(SUM)).then('created', DEFINED);
  });

  it('keeps an expression beside what it says', () => {
    const expression = 'xEvent[timestamp occurs <= 7 days before now].sum(total)';
    const definition = { ...SUM, window: { count: 7, unit: 'DAYS' }, datasets: ['orders'] } as const;
    given()
      .when(define({ title: 'Spend', expression, datasets: ['orders'] }))
      .then('created', {
        type: 'ComputedAttributeDefined',
        data: { name: 'spend', title: 'Spend', expression, definition },
      });
  });

  it.each(['', 'spend-4w', 'spend_4w', 'é', 'a b', 'x'.repeat(65)])('refuses the name %j', (name) => {
    given().when(define(SUM, name)).thenRefused('INVALID_REQUEST', 'name');
  });

  it('refuses what is not valid, with every path', () => {
    given()
      .when(define({ aggregate: 'SUM', window: { count: 25, unit: 'HOURS' }, title: 'x' }))
      .thenRefused('ATTRIBUTE_INVALID', 'path', 'window.count');
    given()
      .when(define({ title: 7, expression: 8 }))
      .thenRefused('ATTRIBUTE_INVALID', 'title', 'expression');
    given()
      .when(define({ expression: 'xEvent.sum(' }))
      .thenRefused('EXPRESSION_INVALID', 'expression');
    given()
      .when(define({ expression: 'xEvent.sum(total)', aggregate: 'MAX' }))
      .thenRefused('ATTRIBUTE_INVALID', 'aggregate');
    const lookBack = 'xEvent[timestamp occurs <= 7 days before now].sum(total)';
    given()
      .when(define({ expression: lookBack, window: { count: 1, unit: 'DAYS' } }))
      .thenRefused('ATTRIBUTE_INVALID', 'window');
  });

  it('changes drafts, and of others the title only', () => {
    const other = { aggregate: 'MAX', path: 'total' } as const;
    given(DEFINED).when(define(SUM)).thenUnchanged();
    given(DEFINED)
      .when(define(other))
      .then('changed', { type: 'ComputedAttributeDefined', data: { name: 'spend', definition: other } });
    given(DEFINED, PUBLISHED).when(define(SUM)).thenUnchanged();
    given(DEFINED, PUBLISHED)
      .when(define({ ...SUM, title: 'Spend' }))
      .then('changed', { type: 'ComputedAttributeDefined', data: { name: 'spend', title: 'Spend', definition: SUM } });
    for (const state of [given(DEFINED, PUBLISHED), given(DEFINED, PUBLISHED, DISABLED)]) {
      state.when(define(other)).thenRefused('ATTRIBUTE_DIFFERS');
    }
    const retitled = given(DEFINED, PUBLISHED, { ...DEFINED, data: { ...DEFINED.data, title: 'Spend' } });
    expect(retitled.attributes.get('spend')).toMatchObject({ title: 'Spend', status: 'PROCESSING', job: 'j1' });
  });
});

describe('publishing an attribute', () => {
  it('names the type of its values and the job that fills it in', () => {
    given(DEFINED).when(publish()).then('changed', PUBLISHED);
    given(DEFINED, PUBLISHED, FAILED).when(publish()).then('changed', PUBLISHED);
  });

  it('happens once', () => {
    given(DEFINED, PUBLISHED).when(publish()).thenUnchanged();
    given(DEFINED, PUBLISHED, FILLED_IN).when(publish()).thenUnchanged();
    given(DEFINED, PUBLISHED, DISABLED).when(publish()).thenRefused('ATTRIBUTE_DISABLED');
    given().when(publish()).thenRefused('ATTRIBUTE_NOT_FOUND');
  });

  it('refuses what does not fit the events of the sandbox', () => {
    const defining = (definition: JsonObject) =>
      ({ type: 'ComputedAttributeDefined', data: { name: 'spend', definition } }) as unknown as AttributeEvent;
    given(defining({ aggregate: 'SUM', path: 'channel' }))
      .when(publish())
      .thenRefused('ATTRIBUTE_INVALID', 'path');
    given(defining({ aggregate: 'SUM', path: 'nothing' }))
      .when(publish())
      .thenRefused('ATTRIBUTE_INVALID', 'path');
    given(defining({ ...SUM, datasets: ['orders', 'gone'], where: { path: 'x', op: 'exists' } }))
      .when(publish())
      .thenRefused('ATTRIBUTE_INVALID', 'datasets[1]', 'where.path');
  });

  it('has a limit, which disabled ones do not count towards', () => {
    const many = Array.from({ length: MAX_PUBLISHED }, (_, index): readonly AttributeEvent[] => {
      const name = `a${index}`;
      return [
        { ...DEFINED, data: { ...DEFINED.data, name } },
        { ...PUBLISHED, data: { ...PUBLISHED.data, name } },
      ];
    }).flat();
    given(DEFINED, ...many)
      .when(publish())
      .thenRefused('TOO_MANY_ATTRIBUTES');
    given(DEFINED, ...many, named('ComputedAttributeDisabled', 'a7'))
      .when(publish())
      .then('changed', PUBLISHED);
  });
});

describe('the end of an attribute', () => {
  it('is that it is filled in, or failed, once', () => {
    const end = (job: string, how: 'filled in' | 'failed') => (state: AttributeCatalog) =>
      endFilling(state, { name: 'spend', job, end: how });
    given(DEFINED, PUBLISHED).when(end('j1', 'filled in')).then('changed', FILLED_IN);
    given(DEFINED, PUBLISHED).when(end('j1', 'failed')).then('changed', FAILED);
    given(DEFINED, PUBLISHED).when(end('j2', 'filled in')).thenUnchanged();
    given(DEFINED, PUBLISHED, DISABLED).when(end('j1', 'filled in')).thenUnchanged();
    given(DEFINED, PUBLISHED, FILLED_IN).when(end('j1', 'failed')).thenUnchanged();
  });

  it('is to be disabled, also while it is filled in', () => {
    given(DEFINED, PUBLISHED).when(disable).then('changed', DISABLED);
    given(DEFINED, PUBLISHED, FILLED_IN).when(disable).then('changed', DISABLED);
    given(DEFINED, PUBLISHED, DISABLED).when(disable).thenUnchanged();
    given(DEFINED).when(disable).thenRefused('ATTRIBUTE_IS_DRAFT');
    given().when(disable).thenRefused('ATTRIBUTE_NOT_FOUND');
  });

  it('is to be deleted, as a draft', () => {
    given(DEFINED).when(remove).then('changed', named('ComputedAttributeDeleted'));
    given(DEFINED, PUBLISHED).when(remove).thenRefused('ATTRIBUTE_DIFFERS');
    given(DEFINED, named('ComputedAttributeDeleted')).when(remove).thenRefused('ATTRIBUTE_NOT_FOUND');
  });
});
