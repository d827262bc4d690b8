import { describe, expect, it } from '@jest/globals';

import { isTesseraError } from '#core';

import { isUnencrypted, openMongoReadStore } from './index.js';
import { parseMongoUrl } from './url.js';

describe('what is sent to the server', () => {
  it.each([
    'mongodb://localhost',
    'mongodb://LOCALHOST:27017/tessera',
    'mongodb://127.0.0.1:27017',
    'mongodb://user:p%40ss@[::1]:27017/tessera?replicaSet=rs0',
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/tessera',
    'mongodb://db.example.com/tessera?tls=true',
    'mongodb://db.example.com/tessera?ssl=true',
    'mongodb://db.example.com/?TLS=true',
    'mongodb+srv://cluster.example.com/tessera',
  ])('cannot be read on the way to %s', (url) => {
    expect(isUnencrypted(url)).toBe(false);
  });

  it.each([
    'mongodb://db.example.com/tessera',
    'mongodb://localhost,db.example.com/tessera',
    'mongodb://localhost@db.example.com/tessera',
    'mongodb://db.example.com/tessera?tls=false',
    'mongodb+srv://cluster.example.com/tessera?tls=false',
    'mongodb://10.0.0.5:27017',
    'mongodb://localhost.example.com',
  ])('can be read on the way to %s', (url) => {
    expect(isUnencrypted(url)).toBe(true);
  });
});

describe('the URL', () => {
  it.each([
    ['mongodb://localhost', undefined],
    ['mongodb://localhost/', undefined],
    ['mongodb://localhost/?tls=true', undefined],
    ['mongodb://localhost?tls=true', undefined],
    ['mongodb://a:1,b:2/profiles?replicaSet=rs0', 'profiles'],
    ['mongodb://user:a%2Fb@localhost/my%2Ddb', 'my-db'],
  ])('%s names the database %s', (url, database) => {
    expect(parseMongoUrl(url).database).toBe(database);
  });

  it.each([
    ['of another scheme', 'http://localhost:27017/secret'],
    ['with nothing', ''],
    ['with no host', 'mongodb:///tessera'],
    ['with an option that is not known', 'mongodb://user:secret@localhost/tessera?colour=red'],
    ['with an option that is no number', 'mongodb://user:secret@localhost/tessera?maxPoolSize=secret'],
    ['with a name for the database that no server takes', 'mongodb://user:secret@localhost/a%20b.c'],
    ['with half a percent sign', 'mongodb://user:secret@localhost/a%2'],
    ['with a password that is not encoded', 'mongodb://user:sec@ret/x@localhost/tessera'],
  ])('%s is refused, without a password in the message', async (_name, url) => {
    const error: unknown = await openMongoReadStore({ url }).catch((reason: unknown) => reason);
    expect(isTesseraError(error, 'INVALID_CONFIGURATION')).toBe(true);
    expect(String(error)).not.toMatch(/secret|sec@ret/);
    expect((error as Error).cause).toBeUndefined();
  });
});
