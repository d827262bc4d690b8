import { createHash } from 'node:crypto';

import { it } from '@jest/globals';

/** Engines of the services that e2e specs start: `npm run test:engines` sets these, and the URLs of the servers. */
const LOG = process.env['TESSERA_TEST_LOG'] ?? 'sqlite';
const STORE = process.env['TESSERA_TEST_STORE'] ?? 'sqlite';

/** As the run reports them. */
export const testEngines = { log: LOG, store: STORE } as const;

/** Databases of tests begin with this, so that they can be told from others and removed. */
export const TEST_DATABASE = 'tessera_e2e_';

/**
 * The settings under which a service finds its engines. Data folders stand for what is kept: the same folder means the
 * same streams and the same database, another folder others, though the servers are shared.
 */
export function engineEnvironment(dataDir: string): Readonly<Record<string, string>> {
  const own = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return {
    ...(LOG !== 'sqlite' && { EVENTSTOREDB_URL: urlOf('EVENTSTOREDB_URL'), TESSERA_STREAM_PREFIX: `${own}.` }),
    ...(STORE !== 'sqlite' && { MONGODB_URL: inDatabase(urlOf('MONGODB_URL'), TEST_DATABASE + own) }),
  };
}

/** Specs of what only the embedded engines have: their files. Skipped by name elsewhere. */
export const onEmbeddedEngines = LOG === 'sqlite' && STORE === 'sqlite' ? it : it.skip;

/** Settings of whoever runs the tests are not those of the processes under test. */
export function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = (name: string): boolean =>
    name.startsWith('TESSERA_') || name === 'EVENTSTOREDB_URL' || name === 'MONGODB_URL';
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours(name)));
}

function urlOf(variable: string): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`${variable} must be set for these tests`);
  return url;
}

function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
