import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  AROUND,
  arbitraryDefinition,
  arbitraryOrder,
  arbitraryTime,
} from '../../../test/support/computed/arbitrary-attributes.js';
import { naiveAttribute, type NaiveEvent } from '../../../test/support/computed/naive-attribute.js';
import type { AttributeDefinition } from './attribute-definition.js';
import { compileAttribute } from './compile-attribute.js';
import { AttributeReading, cutAt } from './finish-attribute.js';
import type { AttributeValue, Partial } from './partials/partial.js';
import { slotOf } from './slots.js';

const events = fc
  .array(
    arbitraryTime.chain((at) =>
      fc.record({ at: fc.constant(at), dataset: fc.constantFrom('orders', 'visits'), data: arbitraryOrder(at) }),
    ),
    { maxLength: 30 },
  )
  .map((all) => all.map((event, index): NaiveEvent => ({ ...event, tie: index.toString(16).padStart(4, '0') })));

/** Through stored partials, as they are after a trip through JSON, in the order in which the events are given. */
function throughSlots(definition: AttributeDefinition, all: readonly NaiveEvent[], at: number): AttributeValue {
  const attribute = compileAttribute(definition);
  const slots = new Map<number, string>();
  for (const event of all) {
    if (!attribute.takes(event.dataset)) continue;
    const partial = attribute.partialOf(event.data, event);
    if (partial === undefined) continue;
    const slot = slotOf(attribute.level, event.at);
    const before = slots.get(slot);
    const after = before === undefined ? partial : attribute.algebra.merge(JSON.parse(before) as Partial, partial);
    slots.set(slot, JSON.stringify(after));
  }
  const cut = cutAt(attribute, at);
  const reading = new AttributeReading(attribute, cut);
  for (const [slot, partial] of slots) {
    if (cut.slots !== undefined && cut.slots.from <= slot && slot <= cut.slots.to) {
      reading.addPartial(JSON.parse(partial) as Partial);
    }
  }
  for (const event of all) reading.addEvent(event);
  return reading.finish();
}

describe('an attribute that is finished from slots', () => {
  it('is what a look through all events finds, in any order, at any moment', () => {
    fc.assert(
      fc.property(
        arbitraryDefinition,
        events.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        fc.oneof(fc.constant(AROUND), arbitraryTime),
        (definition, [all, shuffled], at) => {
          const wanted = naiveAttribute(definition, all, at);
          expect(throughSlots(definition, all, at)).toEqual(wanted);
          expect(throughSlots(definition, shuffled, at)).toEqual(wanted);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('has both ends of its window and nothing one millisecond beyond them', () => {
    const hour = 3_600_000;
    const definition = { aggregate: 'COUNT', window: { count: 1, unit: 'HOURS' } } as const;
    const event = (at: number): NaiveEvent => ({ dataset: 'orders', at, tie: String(at), data: {} });
    const all = [AROUND - hour - 1, AROUND - hour, AROUND, AROUND + 1].map(event);
    expect(throughSlots(definition, all, AROUND)).toEqual({ value: 2 });
  });
});

describe('partials', () => {
  it('can be merged in any grouping', () => {
    fc.assert(
      fc.property(arbitraryDefinition, events, fc.nat(), (definition, all, seed) => {
        const attribute = compileAttribute(definition);
        const units = all
          .map((event) => attribute.partialOf(event.data, event))
          .filter((partial) => partial !== undefined);
        const { merge } = attribute.algebra;
        const merged = (parts: readonly Partial[]): Partial | undefined =>
          parts.reduce<Partial | undefined>((sum, part) => (sum === undefined ? part : merge(sum, part)), undefined);
        const middle = units.length === 0 ? 0 : seed % units.length;
        const groups = [merged(units.slice(middle)), merged(units.slice(0, middle))];
        expect(merged(groups.filter((part) => part !== undefined))).toEqual(merged(units));
      }),
    );
  });
});
