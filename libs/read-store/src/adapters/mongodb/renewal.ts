import { setTimeout as pause } from 'node:timers/promises';

import type { MongoClient, TopologyDescription } from 'mongodb';

import { TesseraError, type JsonObject } from '#core';

export interface RenewalOptions {
  /** How long the server is away before the client is renewed, and then again. */
  readonly afterMilliseconds: number;
  /** Told when the server goes away and when it is back. */
  readonly report: ReportOutage;
}

export type ReportOutage = (message: string, details: JsonObject, error?: unknown) => void;

/** Before the next attempt to connect: most attempts wait longer themselves, some are refused at once. */
const PAUSE_MILLISECONDS = 500;

const WRITABLE = new Set(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']);

/**
 * Tells of outages, and ends the driver's part in long ones: closed and connected, the client begins anew, with another
 * pool and another monitor. The driver has time-outs, but while a long request waits for room in the socket none of them
 * ends that: it waits for ever when the socket has been destroyed meanwhile, and keeps its place in the pool.
 *
 * A request that outlasts every time-out is refused alone: it may be a cursor that takes many requests to a server that is
 * slow, and to renew the client would end what all others wait for. While the driver does not end it, its place may be
 * lost; the client is renewed when for as long again nobody was answered, as when no place is left, or nobody asks.
 */
export class Renewal {
  readonly #watched = new Set<() => void>();
  readonly #longest: number;
  readonly #end = new AbortController();
  #answers = 0;
  #waiting: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  /** Of a client that is connected. */
  constructor(
    private readonly client: MongoClient,
    private readonly options: RenewalOptions,
  ) {
    this.#longest = longestRequest(client);
    client.on('topologyDescriptionChanged', ({ newDescription }) => this.#look(newDescription));
  }

  /**
   * The same promise, but rejected with `STORE_UNAVAILABLE` when it outlasts every time-out, or the client is renewed or
   * closed.
   */
  watch<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let before = this.#answers;
      const refuse = (): void => reject(new TesseraError('STORE_UNAVAILABLE', 'The read store does not answer'));
      const outlast = (): void => {
        refuse();
        if (this.#answers === before) this.#renew();
        before = this.#answers;
      };
      const timer = this.#longest === Infinity ? undefined : setInterval(outlast, this.#longest);
      const forget = (): void => {
        clearInterval(timer);
        this.#watched.delete(abandon);
      };
      const abandon = (): void => {
        forget();
        refuse();
      };
      this.#watched.add(abandon);
      const answer = (value: T): void => {
        this.#answers += 1;
        resolve(value);
      };
      void promise.then(answer, reject).finally(forget);
      if (this.#isEnded()) abandon();
    });
  }

  /** Closes the client for good. Whatever is under way fails. */
  async end(): Promise<void> {
    this.#end.abort();
    clearInterval(this.#waiting);
    this.client.removeAllListeners();
    this.#abandonAll();
    await this.client.close();
    await this.#underWay;
  }

  #look(description: TopologyDescription): void {
    const servers = [...description.servers.values()];
    const isAway = !servers.some(({ type }) => WRITABLE.has(type));
    if (isAway === (this.#waiting !== undefined)) return;
    clearInterval(this.#waiting);
    const { afterMilliseconds, report } = this.options;
    this.#waiting = isAway ? setInterval(() => this.#renew(), afterMilliseconds).unref() : undefined;
    const message = isAway ? 'The read store is away' : 'The read store is back';
    const error = servers.find((server) => server.error !== null)?.error ?? undefined;
    report(message, { servers: servers.map(({ address }) => address) }, isAway ? error : undefined);
  }

  /** Whatever is under way fails, to be tried again by whoever wants it. */
  #renew(): void {
    if (this.#isEnded() || this.#underWay !== undefined) return;
    this.#underWay = this.#reconnect().finally(() => (this.#underWay = undefined));
    this.#abandonAll();
  }

  #abandonAll(): void {
    for (const abandon of this.#watched) abandon();
  }

  /** Never rejects. An attempt waits for a server as long as any request does. */
  async #reconnect(): Promise<void> {
    await this.client.close().catch(() => undefined);
    while (!this.#isEnded()) {
      const connected = await this.client.connect().catch(() => undefined);
      // Closed while it looked up names or read files, the client had nothing to close yet.
      if (this.#isEnded()) await this.client.close().catch(() => undefined);
      if (connected !== undefined) return;
      await pause(PAUSE_MILLISECONDS, undefined, { ref: false, signal: this.#end.signal }).catch(() => undefined);
    }
  }

  #isEnded(): boolean {
    return this.#end.signal.aborted;
  }
}

/**
 * A read is tried twice by the driver, each time as long as its time-outs allow; one that is 0 allows everything. All
 * that a cursor brings may take several reads, and is to come in the time of one.
 */
function longestRequest({ options }: MongoClient): number {
  const { serverSelectionTimeoutMS, waitQueueTimeoutMS, socketTimeoutMS } = options;
  if (socketTimeoutMS === 0 || waitQueueTimeoutMS === 0) return Infinity;
  return 2 * (serverSelectionTimeoutMS + waitQueueTimeoutMS + socketTimeoutMS);
}
