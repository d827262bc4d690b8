import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { decodeMembers, decodePosition, encodeMembers, encodePosition, endOfPrefix } from './values.js';

const hex = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));

describe('values', () => {
  it('of members come back in their order', () => {
    fc.assert(fc.property(fc.array(hex), (members) => expect(decodeMembers(encodeMembers(members))).toEqual(members)));
  });

  it('of members have room for 255 bytes each', () => {
    expect(decodeMembers(encodeMembers(['ab'.repeat(255)]))).toEqual(['ab'.repeat(255)]);
    expect(() => encodeMembers(['ab'.repeat(256)])).toThrow(TypeError);
  });

  it.each(['', '00', 'abcdef012345', 'abc', '0'])('of the position "%s" come back', (position) => {
    expect(decodePosition(encodePosition(position))).toBe(position);
  });
});

describe('the end of a prefix', () => {
  it.each([
    ['00', '01'],
    ['0aff', '0b'],
    ['feffff', 'ff'],
  ])('of the bytes %s is %s', (prefix, end) => {
    expect(endOfPrefix(Buffer.from(prefix, 'hex'))).toEqual(Buffer.from(end, 'hex'));
  });

  it.each([
    ['a', 'b'],
    ['a\u{10ffff}', 'b'],
    ['\u{7f}', '\u{80}'],
    ['\u{d7ff}', '\u{e000}'],
    ['\u{ffff}', '\u{10000}'],
  ])('of the text %j is %j', (prefix, end) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  it.each(['', '\u{10ffff}', Buffer.alloc(0), Buffer.from('ffff', 'hex')])('of %j is beyond everything', (prefix) => {
    expect(endOfPrefix(prefix)).toBeUndefined();
  });
});
