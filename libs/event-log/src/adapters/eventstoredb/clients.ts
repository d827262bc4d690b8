import { EventStoreDBClient, type Credentials } from '@eventstore/db-client';

import { TesseraError } from '#core';

import { isPoisoned } from './client-errors.js';
import { credentialsOf, parseConnectionString } from './connection-string.js';
import type { EventStoreDbTimings, Report } from './options.js';
import { DeadlinePassed, withDeadline } from './waiting.js';

/** So many calls in a row without an answer, and the client is replaced: a cluster may have another leader by now. */
const SILENT_CALLS = 3;

/** A client that can be replaced by a new one while calls go on. */
class ReplaceableClient {
  #client: EventStoreDBClient | undefined;
  #leaving: Promise<void> = Promise.resolve();
  #silentCalls = 0;

  constructor(
    private readonly url: string,
    private readonly timings: EventStoreDbTimings,
    private readonly report: Report,
  ) {}

  /** The client as it is now; never two at a time, because clients of one process share their pending appends. */
  async current(): Promise<EventStoreDBClient> {
    await this.#leaving;
    return (this.#client ??= connect(this.url));
  }

  async call<T>(
    milliseconds: number,
    action: (client: EventStoreDBClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const client = await this.current();
    try {
      const answer = await withDeadline(milliseconds, (signal) => action(client, signal));
      this.#silentCalls = 0;
      return answer;
    } catch (error) {
      this.failed(client, error);
      throw error;
    }
  }

  /** To be told of every failed call: some leave a client behind that will never work again. */
  failed(client: EventStoreDBClient, error: unknown): void {
    if (client !== this.#client) return;
    this.#silentCalls = error instanceof DeadlinePassed ? this.#silentCalls + 1 : 0;
    if (!isPoisoned(error) && this.#silentCalls < SILENT_CALLS) return;
    this.report('Using a new client for EventStoreDB', {}, error);
    void this.dispose();
  }

  /** Lets the client go; a call afterwards gets a new one. */
  dispose(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#silentCalls = 0;
    if (client !== undefined) this.#leaving = this.#leaving.then(() => letGo(client, this.timings.dispose));
    return this.#leaving;
  }
}

/** The client may wait for ever for a read that was left early. */
async function letGo(client: EventStoreDBClient, milliseconds: number): Promise<void> {
  await withDeadline(milliseconds, () => client.dispose()).catch(() => undefined);
}

function connect(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    // Not its message: it repeats the URL, password and all.
    const why = error instanceof Error && !error.message.includes(url) ? `: ${error.message}` : '';
    throw new TesseraError('INVALID_CONFIGURATION', `The URL of the event log cannot be used${why}`);
  }
}

/** Which log of this process appends through the stream of appends that a client has. */
let sharedStreamOwner: ReplaceableClient | undefined;

/** The clients of one log: one that appends and one that does all else, so that no read disturbs an append. */
export class Clients {
  readonly appends: ReplaceableClient;
  readonly reads: ReplaceableClient;

  constructor(
    private readonly url: string,
    timings: EventStoreDbTimings,
    report: Report,
  ) {
    parseConnectionString(url);
    this.appends = new ReplaceableClient(url, timings, report);
    this.reads = new ReplaceableClient(url, timings, report);
    sharedStreamOwner ??= this.appends;
  }

  /**
   * All clients of a process keep their pending appends in one table: what ends one client's stream of appends rejects
   * those of the others, whose answers then have nobody to go to and end the process. So one log has that stream; for
   * another one, every append is a call of its own, which the client makes of those that bring credentials.
   */
  get appendCredentials(): { readonly credentials?: Credentials } {
    if (sharedStreamOwner === this.appends) return {};
    const { query } = parseConnectionString(this.url);
    const credentials = credentialsOf(this.url);
    if (credentials !== undefined) return { credentials };
    return query.get('tls') === 'false' ? { credentials: { username: 'none', password: 'none' } } : {};
  }

  async dispose(): Promise<void> {
    await Promise.all([this.appends.dispose(), this.reads.dispose()]);
    if (sharedStreamOwner === this.appends) sharedStreamOwner = undefined;
  }
}
