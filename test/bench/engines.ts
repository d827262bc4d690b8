import { randomUUID } from 'node:crypto';

/**
 * Which engines are measured: those inside the process; the event store at `EVENTSTOREDB_URL` alone, with the views in the
 * process; or both servers, at `MONGODB_URL` too.
 */
export type EngineChoice = 'embedded' | 'eventstoredb' | 'servers';

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
  const log = urlOf('EVENTSTOREDB_URL', environment);
  const own = randomUUID().slice(0, 8);
  const streams = { EVENTSTOREDB_URL: log, TESSERA_STREAM_PREFIX: `bench-${own}.` };
  if (choice === 'eventstoredb') return { choice, eventStoreDbUrl: log, env: streams };
  const database = new URL(urlOf('MONGODB_URL', environment));
  database.pathname = `/tessera_bench_${own}`;
  return { choice, eventStoreDbUrl: log, env: { ...streams, MONGODB_URL: database.href } };
}

function urlOf(variable: string, environment: NodeJS.ProcessEnv): string {
  const url = environment[variable];
  if (url === undefined) throw new Error(`set ${variable} to the server that is to be measured`);
  return url;
}
