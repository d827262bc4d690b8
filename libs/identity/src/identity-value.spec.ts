import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { propertyRuns } from '../../../test/support/property-runs.js';
import { blockedValues } from './blocked-values.js';
import { normaliseValue, readIdentityValue, type ValueRules } from './identity-value.js';

const crm: ValueRules = { caseSensitive: true };
const email: ValueRules = { caseSensitive: false };
const ecid: ValueRules = { caseSensitive: true, digits: 38 };
const blocked = blockedValues([' Test ', 'E\u0301cole']);

describe('normaliseValue', () => {
  it.each([
    [crm, '  a B\t', 'a B'],
    [crm, 'e\u0301', '\u00e9'],
    [email, ' Ona@Example.ORG ', 'ona@example.org'],
    [email, 'I@EXAMPLE.ORG', 'i@example.org'],
    [email, 'E\u0301@x', '\u00e9@x'],
  ])('%# makes %j out of the value', (namespace, value, expected) => {
    expect(normaliseValue(namespace, value)).toBe(expected);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(crm, email), (value, namespace) => {
        const once = normaliseValue(namespace, value);
        expect(normaliseValue(namespace, once)).toBe(once);
      }),
      propertyRuns(2_000),
    );
  });
});

describe('readIdentityValue', () => {
  it.each([
    '',
    '   ',
    'null',
    'NULL',
    'undefined',
    'none',
    'NaN',
    'NA',
    ' n/a ',
    'Anonymous',
    'invalid',
    'GUEST',
    'unknown',
    '[object Object]',
    '00000000-0000-0000-0000-000000000000',
    '0',
    'x'.repeat(1025),
    'TEST',
    '\u00e9COLE',
    '\u00e9cole',
  ])('blocks %j', (value) => {
    expect(readIdentityValue(crm, value, blocked)).toEqual({ fault: 'IDENTITY_BLOCKED' });
  });

  it.each(['00', 'nana', 'x'.repeat(1024), '😀'.repeat(1024), 'a/b c%20', '__proto__', 'constructor'])(
    'takes %j',
    (value) => {
      expect(readIdentityValue(crm, value, blocked)).toEqual({ id: value });
    },
  );

  it('counts characters, not UTF-16 units', () => {
    expect(readIdentityValue(crm, '😀'.repeat(1025), blocked)).toEqual({ fault: 'IDENTITY_BLOCKED' });
  });

  it('wants exactly 38 digits of an ECID', () => {
    const digits = '12345678901234567890123456789012345678';
    expect(readIdentityValue(ecid, digits, blocked)).toEqual({ id: digits });
    for (const wrong of [digits.slice(1), `${digits}0`, `${digits.slice(1)}x`, '٣'.repeat(38)]) {
      expect(readIdentityValue(ecid, wrong, blocked)).toEqual({ fault: 'IDENTITY_INVALID' });
    }
    expect(readIdentityValue(ecid, '0', blocked)).toEqual({ fault: 'IDENTITY_BLOCKED' });
  });
});
