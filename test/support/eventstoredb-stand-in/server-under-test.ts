import { randomUUID } from 'node:crypto';

import { EventStoreDBClient, jsonEvent, type EventData } from '@eventstore/db-client';

/** A server to compare: the stand-in, or a real one. */
export interface ServerUnderTest {
  readonly url: string;
  stop(): Promise<void>;
}

/** A client of its own for one spec; `prefix` keeps its streams apart from everybody else's. */
export interface Session {
  readonly client: EventStoreDBClient;
  readonly prefix: string;
  dispose(): Promise<void>;
}

export function openSession(url: string): Session {
  const client = EventStoreDBClient.connectionString(url);
  return { client, prefix: `spec-${randomUUID()}-`, dispose: () => client.dispose() };
}

/** Events of the type `Tested` with new ids; `bytes` is about what the data of each take. */
export function specEvents(count: number, bytes = 10): EventData[] {
  return Array.from({ length: count }, (_, index) =>
    jsonEvent({ type: 'Tested', data: { index, text: 'x'.repeat(bytes) } }),
  );
}
