import { describe, expect, it } from '@jest/globals';

import { isTesseraError } from '#core';

import { serveConfig, type ServeOptions } from './config.js';

function refusalOf(options: ServeOptions, environment: NodeJS.ProcessEnv): string {
  try {
    serveConfig(options, environment);
  } catch (error) {
    if (isTesseraError(error, 'INVALID_CONFIGURATION')) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the settings of a service', () => {
  it('have defaults that nobody else can reach', () => {
    expect(serveConfig({}, {})).toMatchObject({ dataDir: './tessera-data', port: 7400, host: '127.0.0.1' });
    expect(serveConfig({}, {}).apiKey).toBeUndefined();
  });

  it('come from the environment, and flags win over it', () => {
    const environment = {
      TESSERA_DATA_DIR: '/data',
      TESSERA_PORT: '80',
      TESSERA_API_KEY: 'k',
      TESSERA_HOST: '0.0.0.0',
    };
    expect(serveConfig({}, environment)).toMatchObject({ dataDir: '/data', port: 80, apiKey: 'k', host: '0.0.0.0' });
    expect(serveConfig({ dataDir: './here', port: 0 }, environment)).toMatchObject({ dataDir: './here', port: 0 });
  });

  it.each(['', 'abc', '-1', '65536', '0x10', '7400.5', 'tcp://10.0.0.1:7400'])('refuse the port %p', (port) => {
    expect(refusalOf({}, { TESSERA_PORT: port })).toBe('TESSERA_PORT must be a port number.');
  });

  it('name everything that is wrong at once', () => {
    expect(refusalOf({}, { TESSERA_DATA_DIR: '', TESSERA_LOG_LEVEL: 'loud' })).toBe(
      'TESSERA_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; TESSERA_DATA_DIR must name a folder.',
    );
  });

  it.each(['', 'two words', 'é'])('refuse the key %p, which no header could carry', (key) => {
    expect(refusalOf({}, { TESSERA_API_KEY: key })).toMatch(/^TESSERA_API_KEY must be printable ASCII/);
  });

  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.org', '127.0.0.1.example.org'])(
    'need a key to listen on %s',
    (host) => {
      expect(refusalOf({}, { TESSERA_HOST: host })).toMatch(/TESSERA_API_KEY is not set/);
      expect(refusalOf({}, { TESSERA_HOST: host, TESSERA_API_KEY: 'k' })).toBe('accepted');
    },
  );

  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('need no key for %s', (host) => {
    expect(refusalOf({}, { TESSERA_HOST: host })).toBe('accepted');
  });

  it('name the servers to use instead of the embedded engines', () => {
    const environment = {
      EVENTSTOREDB_URL: 'esdb://127.0.0.1:2113?tls=false',
      MONGODB_URL: 'mongodb://127.0.0.1:27017/tessera',
      TESSERA_STREAM_PREFIX: 'eu.',
      TESSERA_PROJECTOR: 'elsewhere',
    };
    expect(serveConfig({}, environment)).toMatchObject({
      eventStoreDbUrl: environment.EVENTSTOREDB_URL,
      mongoDbUrl: environment.MONGODB_URL,
      streamPrefix: 'eu.',
      projector: 'elsewhere',
    });
  });

  it.each([
    ['EVENTSTOREDB_URL', 'http://127.0.0.1:2113'],
    ['EVENTSTOREDB_URL', ''],
    ['MONGODB_URL', 'localhost'],
    ['TESSERA_STREAM_PREFIX', '$all'],
    ['TESSERA_NAMING_SECRET', 'secret'],
    ['TESSERA_PROJECTOR', 'nowhere'],
  ])('refuse %s=%s', (variable, value) => {
    expect(refusalOf({}, { [variable]: value })).toMatch(new RegExp(`^${variable} must be`));
  });

  it('let the projector be elsewhere only when both engines are servers', () => {
    const projector = { TESSERA_PROJECTOR: 'elsewhere' };
    expect(refusalOf({}, projector)).toMatch(/belong to one process/);
    expect(refusalOf({}, { ...projector, MONGODB_URL: 'mongodb://localhost' })).toMatch(/belong to one process/);
  });

  it('refuse what they do not know', () => {
    expect(refusalOf({ colour: 'blue' } as ServeOptions, {})).toMatch(/^colour /);
  });
});
