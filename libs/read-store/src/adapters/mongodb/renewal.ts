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
 */
export class Renewal {
  readonly #watched = new Set<(error: TesseraError) => void>();
  readonly #longest: number;
  #waiting: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #ended = false;

  /** Of a client that is connected. */
  constructor(
    private readonly client: MongoClient,
    private readonly options: RenewalOptions,
  ) {
    this.#longest = longestRequest(client);
    client.on('topologyDescriptionChanged', ({ newDescription }) => this.#look(newDescription));
  }

  /** The same promise, but rejected with `STORE_UNAVAILABLE` when it outlasts every time-out, or the client is renewed. */
  watch<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#longest === Infinity ? undefined : setTimeout(() => this.#renew(), this.#longest);
      this.#watched.add(reject);
      void promise.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        this.#watched.delete(reject);
      });
    });
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#waiting);
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
    if (this.#ended || this.#underWay !== undefined) return;
    this.#underWay = this.#reconnect().finally(() => (this.#underWay = undefined));
    for (const reject of this.#watched) reject(new TesseraError('STORE_UNAVAILABLE', 'The read store does not answer'));
    this.#watched.clear();
  }

  /** Never rejects. An attempt waits for a server as long as any request does. */
  async #reconnect(): Promise<void> {
    await this.client.close().catch(() => undefined);
    while (!this.#ended) {
      const connected = await this.client.connect().catch(() => undefined);
      if (connected !== undefined) return;
      await pause(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
  }
}

/** A read is tried twice by the driver, each time as long as its time-outs allow; one that is 0 allows everything. */
function longestRequest({ options }: MongoClient): number {
  const { serverSelectionTimeoutMS, waitQueueTimeoutMS, socketTimeoutMS } = options;
  if (socketTimeoutMS === 0 || waitQueueTimeoutMS === 0) return Infinity;
  return 2 * (serverSelectionTimeoutMS + waitQueueTimeoutMS + socketTimeoutMS);
}
