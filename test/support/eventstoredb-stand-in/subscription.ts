import { randomUUID } from 'node:crypto';

import type { CallError } from './call-errors.js';
import type { OpenSubscription } from './fault-switches.js';
import { READ_BATCH } from './limits.js';
import type { SubscribeToAll } from './read-request.js';
import { caughtUpResponse, checkpointResponse, confirmationResponse, eventResponse } from './read-responses.js';
import { drained, type ReadCall } from './read-call.js';
import type { ServiceContext } from './service-context.js';
import type { LogPosition, StoredEvent } from './stored-event.js';

const BEFORE_EVERYTHING: LogPosition = { commit: -1n, prepare: -1n };
const LOG_START: LogPosition = { commit: 0n, prepare: 0n };
/**
 * What the real server makes of "before everything" on the wire: who catches up from the start without a single match
 * is offered this as a checkpoint, and none after it.
 */
const WRAPPED: LogPosition = { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n };

/**
 * A subscription to `$all`: confirms, catches up in pages, says that it has caught up, and goes on with what is written.
 * Checkpoints come with a filter only: when the interval is full, and once at the end of catching up.
 */
export class Subscription implements OpenSubscription {
  /** The last event or checkpoint that was sent: what comes next lies after it. */
  private at: LogPosition;
  /** The last event that was looked at; runs ahead of `at` when the filter lets nothing through. */
  private seen: LogPosition;
  private lastCheckpoint: LogPosition | undefined;
  /** Events looked at since the last checkpoint. */
  private considered = 0;
  private closed = false;
  private silent = false;
  private wake: () => void = () => undefined;
  private readonly window: number;
  private readonly interval: number;

  constructor(
    private readonly context: ServiceContext,
    private readonly call: ReadCall,
    private readonly request: SubscribeToAll,
  ) {
    this.at = startOf(context, request);
    this.seen = this.at;
    this.window = request.filter?.searchWindow ?? READ_BATCH;
    this.interval = this.window * (request.filter?.checkpointInterval ?? 1);
  }

  async run(): Promise<void> {
    const { counters, faults, log } = this.context;
    const stopListening = log.onAppended(() => this.wake());
    this.call.on('cancelled', () => this.close());
    faults.subscriptions.add(this);
    counters.subscriptionsOpen += 1;
    counters.subscriptionsOpened += 1;
    try {
      await this.send(confirmationResponse(randomUUID()));
      await this.catchUp();
      await this.send(caughtUpResponse());
      await this.goLive();
    } finally {
      counters.subscriptionsOpen -= 1;
      faults.subscriptions.delete(this);
      stopListening();
    }
  }

  end(): void {
    this.close();
    this.call.end();
  }

  fail(error: CallError): void {
    this.close();
    this.call.emit('error', error);
  }

  silence(): void {
    this.silent = true;
  }

  private async catchUp(): Promise<void> {
    const { log } = this.context;
    if (log.indexAfter(this.seen) >= log.size) return;
    while (!this.closed) {
      const pageFrom = this.seen;
      const more = await this.page();
      if (this.request.filter === undefined) {
        if (more) continue;
        return;
      }
      if (!more) {
        this.considered = 0;
        return this.checkpoint(this.at);
      }
      if (this.considered < this.interval) continue;
      this.considered %= this.interval;
      await this.checkpoint(later(later(this.at, pageFrom), LOG_START));
    }
  }

  /** Reads as the server does: until a batch is full or the search window has been looked through. */
  private async page(): Promise<boolean> {
    const { log, faults } = this.context;
    await faults.ready('other');
    const found: Buffer[] = [];
    let looked = 0;
    let index = log.indexAfter(this.seen);
    for (; index < log.size && found.length < READ_BATCH && looked < this.window; index += 1, looked += 1) {
      const event = log.at(index);
      if (event === undefined) break;
      this.seen = { commit: event.end, prepare: 0n };
      if (!this.matches(event)) continue;
      this.at = positionOf(event);
      found.push(eventResponse(event));
    }
    if (found.length > 0) await this.send(Buffer.concat(found));
    this.considered += looked;
    return log.indexAfter(this.seen) < log.size;
  }

  private async goLive(): Promise<void> {
    const { faults } = this.context;
    while (!this.closed) {
      await faults.ready('other');
      for (let event = this.next(); event !== undefined; event = this.next()) await this.live(event);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (this.next() !== undefined || this.isClosed()) resolve();
      });
    }
  }

  private next(): StoredEvent | undefined {
    const { log } = this.context;
    return this.closed ? undefined : log.at(log.indexAfter(this.seen));
  }

  // A method, because the type checker does not know that others close it while this one waits.
  private isClosed(): boolean {
    return this.closed;
  }

  private async live(event: StoredEvent): Promise<void> {
    this.seen = positionOf(event);
    if (this.matches(event)) await this.sendEvent(event);
    if (this.request.filter === undefined) return;
    this.considered += 1;
    if (this.considered < this.interval) return;
    this.considered = 0;
    await this.checkpoint(positionOf(event));
  }

  private matches(event: StoredEvent): boolean {
    return this.request.filter?.matches(event) ?? true;
  }

  private sendEvent(event: StoredEvent): Promise<void> | undefined {
    this.at = positionOf(event);
    return this.send(eventResponse(event));
  }

  private async checkpoint(position: LogPosition): Promise<void> {
    if (this.lastCheckpoint !== undefined && compare(position, this.lastCheckpoint) <= 0) return;
    this.at = position;
    const offered = position.commit < 0n ? WRAPPED : position;
    this.lastCheckpoint = offered;
    await this.send(checkpointResponse(offered));
  }

  /** A promise only where there is something to wait for. */
  private send(response: Buffer): Promise<void> | undefined {
    if (this.closed || this.silent || this.call.write(response)) return undefined;
    return drained(this.call);
  }

  private close(): void {
    this.closed = true;
    this.wake();
  }
}

function startOf({ log }: ServiceContext, { from }: SubscribeToAll): LogPosition {
  if (from === 'start') return BEFORE_EVERYTHING;
  if (from !== 'end') return from;
  const last = log.at(log.size - 1);
  return last === undefined ? BEFORE_EVERYTHING : positionOf(last);
}

const positionOf = ({ position }: StoredEvent): LogPosition => ({ commit: position, prepare: position });
const later = (one: LogPosition, other: LogPosition): LogPosition => (compare(one, other) >= 0 ? one : other);

function compare(one: LogPosition, other: LogPosition): number {
  const difference = one.commit === other.commit ? one.prepare - other.prepare : one.commit - other.commit;
  return Number(difference);
}
