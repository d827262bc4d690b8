import { describe, expect, it } from '@jest/globals';

import { credentialsOf, isUnencrypted, parseConnectionString } from './connection-string.js';

describe('the URL of an EventStoreDB', () => {
  it.each([
    ['esdb://db.example:2113', false],
    ['esdb://db.example:2113?tls=true', false],
    ['esdb://db.example:2113?tls=false', true],
    ['esdb://db.example:2113/?keepAliveInterval=10000&TLS=False', true],
    ['esdb+discover://db.example?tls=false', true],
    ['esdb://admin:changeit@127.0.0.1:2113?tls=false', false],
    ['esdb://localhost?tls=false', false],
    ['esdb://localhost,db.example:2113?tls=false', true],
    ['esdb://127.0.0.1.example?tls=false', true],
  ])('%s is unencrypted: %s', (url, expected) => {
    expect(isUnencrypted(url)).toBe(expected);
  });

  it.each(['', 'http://localhost', 'esdb://', 'localhost:2113', 'esdb:/localhost', 'esdb+srv://localhost'])(
    'cannot be %j, and is not repeated in the message',
    (url) => {
      const parse = (): unknown => parseConnectionString(url);
      expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_CONFIGURATION' }));
      expect(parse).not.toThrow(url === '' ? 'never' : `"${url}"`);
    },
  );

  it('holds the credentials', () => {
    expect(credentialsOf('esdb://ad%40min:p%3Aw@host:2113?tls=true')).toEqual({ username: 'ad@min', password: 'p:w' });
    expect(credentialsOf('esdb://host:2113')).toBeUndefined();
  });
});
