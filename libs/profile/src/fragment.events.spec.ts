import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import { decodeIngestedItem, encodeIngestedItem } from './fragment.events.js';

const identity = fc.record({ namespace: fc.string(), id: fc.string() });
const item = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;

describe('the data of a fragment event', () => {
  it('decodes to what was encoded, and keeps the text of the item to the letter', () => {
    fc.assert(
      fc.property(
        identity,
        fc.array(identity),
        item,
        fc.constantFrom('', '  ', '\n'),
        (owner, others, value, space) => {
          const text = JSON.stringify(value, undefined, space);
          const decoded = decodeIngestedItem(encodeIngestedItem(owner, others, text));
          expect(decoded).toEqual({ owner, others, item: JSON.parse(text) as JsonObject, text });
        },
      ),
    );
  });

  it('finds the item also when an identity looks like its member', () => {
    const owner = { namespace: '"item":', id: '"item":{' };
    const data = encodeIngestedItem(owner, [owner], '{"item":{"item":1}}');
    expect(decodeIngestedItem(data)).toEqual({
      owner,
      others: [owner],
      item: { item: { item: 1 } },
      text: '{"item":{"item":1}}',
    });
  });

  it.each([
    ['not JSON', '{"owner"'],
    ['not an object', '[]'],
    ['no item', '{"owner":["CRMID","7"]}'],
    ['no owner', '{"item":{}}'],
    ['a malformed identity', '{"owner":["CRMID","7"],"identities":[["Email"]],"item":{}}'],
  ])('refuses data that is %s', (_what, data) => {
    expect(() => decodeIngestedItem(data)).toThrow();
  });
});
