import { randomUUID } from 'node:crypto';

/** Which engines are measured: those inside the process, or the servers at `EVENTSTOREDB_URL` and `MONGODB_URL`. */
export type EngineChoice = 'embedded' | 'servers';

/** Where the engines of one part of a run are. */
export interface BenchEngines {
  readonly choice: EngineChoice;
  /** Settings of the service. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the log, for the bare limit; `undefined` for SQLite. */
  readonly eventStoreDbUrl?: string;
}

/** New streams and a new database on the servers, so that parts know nothing of each other. Throws what is missing. */
export function benchEngines(choice: EngineChoice, environment: NodeJS.ProcessEnv): BenchEngines {
  if (choice === 'embedded') return { choice, env: {} };
  const { EVENTSTOREDB_URL: log, MONGODB_URL: store } = environment;
  if (log === undefined || store === undefined) {
    throw new Error('set EVENTSTOREDB_URL and MONGODB_URL to the servers that are to be measured');
  }
  const own = randomUUID().slice(0, 8);
  const database = new URL(store);
  database.pathname = `/tessera_bench_${own}`;
  return {
    choice,
    eventStoreDbUrl: log,
    env: { EVENTSTOREDB_URL: log, MONGODB_URL: database.href, TESSERA_STREAM_PREFIX: `bench-${own}.` },
  };
}
