import { randomUUID } from 'node:crypto';

import { EventStoreDBClient, jsonEvent, type EventData } from '@eventstore/db-client';

/** A server to compare: the stand-in, or a real one. */
export interface ServerUnderTest {
  readonly url: string;
  /** Removes what was deleted from `$all`, and resolves when that is done. */
  scavenge(): Promise<void>;
  stop(): Promise<void>;
}

/** A client for one spec; `prefix` keeps its streams apart from everybody else's. */
export interface Session {
  readonly server: ServerUnderTest;
  readonly client: EventStoreDBClient;
  readonly prefix: string;
}

export type OpenSession = () => Session;

export function newSession(server: ServerUnderTest): Session {
  return { server, client: EventStoreDBClient.connectionString(server.url), prefix: newPrefix() };
}

export const newPrefix = (): string => `spec-${randomUUID()}-`;

/** Events of the type `Tested` with new ids; `bytes` is what the text in each takes. */
export function specEvents(count: number, bytes = 10): EventData[] {
  return Array.from({ length: count }, (_, index) =>
    jsonEvent({ type: 'Tested', data: { index, text: 'x'.repeat(bytes) } }),
  );
}

export async function collect<T>(events: AsyncIterable<T>, count = Infinity): Promise<T[]> {
  const collected: T[] = [];
  if (count === 0) return collected;
  for await (const event of events) {
    collected.push(event);
    if (collected.length === count) break;
  }
  return collected;
}

/** What the promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error as Error & Record<string, unknown>;
  throw new Error(`Not rejected, but answered with ${JSON.stringify(outcome.value, (_, it: unknown) => String(it))}`);
}
