import { describe, expect, it } from '@jest/globals';

import { lengthPrefixed, namingSecret } from './keyed-hash.js';
import { base32, fragmentStream, identityRef } from './names.js';

const secret = namingSecret('0'.repeat(64));
const other = namingSecret('1'.repeat(64));
const ona = { namespace: 'CRMID', id: '7' };

describe('names', () => {
  it('encodes base32 as RFC 4648 does, in lower case and without padding', () => {
    const vectors = {
      '': '',
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    };
    for (const [text, encoded] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(encoded);
  });

  it('names a fragment stream by sandbox, bucket of the owner, and 160 bits of dataset and owner', () => {
    const crm = fragmentStream(secret, 'abcdefgh', 'crm', ona);
    const loyalty = fragmentStream(secret, 'abcdefgh', 'loyalty', ona);
    expect(crm).toMatch(/^fragment_abcdefgh_[0-9a-f]{2}-[a-z2-7]{32}$/);
    expect(loyalty).not.toBe(crm);
    expect(loyalty.slice(0, 20)).toBe(crm.slice(0, 20));
  });

  it('depends on the secret, the sandbox, the namespace and the value', () => {
    const refs = [
      identityRef(secret, 'abcdefgh', ona),
      identityRef(other, 'abcdefgh', ona),
      identityRef(secret, 'hgfedcba', ona),
      identityRef(secret, 'abcdefgh', { ...ona, namespace: 'Email' }),
      identityRef(secret, 'abcdefgh', { ...ona, id: '8' }),
    ];
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('never takes different parts for the same', () => {
    expect(lengthPrefixed(['ab', 'c'])).not.toBe(lengthPrefixed(['a', 'bc']));
    expect(lengthPrefixed(['a', ''])).not.toBe(lengthPrefixed(['', 'a']));
  });

  it('refuses a secret that is not one', () => {
    expect(() => namingSecret('abc')).toThrow(TypeError);
  });
});
