import fc from 'fast-check';

import type { AttributeDefinition } from '#computed-attributes';
import type { Identity, JsonObject } from '#core';

import { crm, email, type GivenItem } from '../ingested.js';
import { arbitraryDefinition, arbitraryOrder, arbitraryTime } from './arbitrary-attributes.js';
import type { AttributeStep } from './attribute-log.js';

const same = (one: Identity, other: Identity): boolean => one.namespace === other.namespace && one.id === other.id;
const person = fc.constantFrom(crm('1'), crm('1'), crm('2'), email('a'));
const dataset = fc.constantFrom('orders', 'orders', 'visits');

/** Few people and few ids, so that most of a log happens to the same. */
const anyEvent: fc.Arbitrary<GivenItem> = fc
  .record({
    owner: person,
    other: fc.option(person, { nil: undefined }),
    dataset,
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    batch: fc.option(fc.constantFrom('b1', 'b2'), { nil: undefined }),
    shown: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    data: arbitraryTime.chain(arbitraryOrder),
  })
  .map(({ owner, other, id, batch, data, ...rest }) => ({
    ...rest,
    owner,
    item: { _id: id, ...data } satisfies JsonObject,
    ...(batch !== undefined && { batch }),
    ...(other !== undefined && !same(owner, other) && { others: [other] }),
  }));

const anyLifecycle: fc.Arbitrary<GivenItem> = fc
  .record({
    owner: person,
    dataset,
    lifecycle: fc.constantFrom(
      { type: 'FragmentDeleted' as const },
      { type: 'FragmentBackfilled' as const },
      { type: 'BatchItemsReverted' as const, batch: 'b1' },
      { type: 'BatchItemsReverted' as const, batch: 'b2' },
    ),
  })
  .map((given) => ({ ...given, item: {} }));

export const anyItem: fc.Arbitrary<GivenItem> = fc.oneof(
  { weight: 4, arbitrary: anyEvent },
  { weight: 1, arbitrary: anyLifecycle },
);

/**
 * Items with the lives of some attributes among them, each as a job goes about it: published, filled in range by range
 * (the first one told again), then complete; one is perhaps disabled. `ranges`: those in which the people are.
 */
export function anyAttributeLog(ranges: readonly string[]): fc.Arbitrary<readonly (GivenItem | AttributeStep)[]> {
  const life = fc
    .record({
      definition: arbitraryDefinition,
      isDisabled: fc.boolean(),
      places: fc.array(fc.nat(20), { minLength: ranges.length + 4, maxLength: ranges.length + 4 }),
    })
    .map(({ places, ...rest }) => ({ ...rest, places: [...places].sort((one, other) => one - other) }));
  return fc
    .record({
      items: fc.array(anyItem, { minLength: 2, maxLength: 20 }),
      lives: fc.array(life, { minLength: 1, maxLength: 3 }),
    })
    .map(({ items, lives }) => {
      const steps = lives.flatMap(({ definition, isDisabled, places }, index) =>
        stepsOf(`a${index}`, definition, ranges, isDisabled && index === 1).map((step, at) => ({
          step,
          place: places[at] as number,
        })),
      );
      const placed = items.map((step, index) => ({ step, place: index + 0.5 }));
      return [...steps, ...placed].sort((one, other) => one.place - other.place).map(({ step }) => step);
    });
}

function stepsOf(
  name: string,
  definition: AttributeDefinition,
  ranges: readonly string[],
  isDisabled: boolean,
): readonly AttributeStep[] {
  const fills = ranges.map((keyPrefix): AttributeStep => ({ step: 'fill', name, keyPrefix }));
  const first = fills.slice(0, 1);
  const end: AttributeStep = { step: isDisabled ? 'disable' : 'filled in', name };
  return [{ step: 'publish', name, definition }, ...first, ...fills, end];
}
