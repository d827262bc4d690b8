import { createHmac } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { keyedFingerprint, keyedHash, lengthPrefixed, namingSecret } from './keyed-hash.js';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('keyedHash', () => {
  it('is HMAC-SHA-256 over the length-prefixed parts, for texts of every length', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(6_000).map((length) => 'é'.repeat(length)),
    );
    fc.assert(
      fc.property(hex, fc.array(part), (key, parts) => {
        const expected = createHmac('sha256', Buffer.from(key, 'hex')).update(lengthPrefixed(parts)).digest('hex');
        expect(keyedHash(namingSecret(key), 32, ...parts)).toBe(expected);
        expect(keyedHash(namingSecret(key), 16, ...parts)).toBe(expected.slice(0, 32));
      }),
    );
  });

  it('keeps the hashes of two secrets apart when they take turns', () => {
    const [one, other] = [namingSecret('00'.repeat(32)), namingSecret('ff'.repeat(32))];
    const first = keyedHash(one, 32, 'a');
    expect(keyedHash(other, 32, 'a')).not.toBe(first);
    expect(keyedHash(one, 32, 'a')).toBe(first);
  });
});

describe('keyedFingerprint', () => {
  it('depends on the secret, on every part, and on where the parts are cut', () => {
    const secret = namingSecret('ab'.repeat(32));
    const prints = [
      keyedFingerprint(secret, 'a', 'bc'),
      keyedFingerprint(secret, 'ab', 'c'),
      keyedFingerprint(secret, 'abc'),
      keyedFingerprint(namingSecret('cd'.repeat(32)), 'a', 'bc'),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(prints[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});
