import { setImmediate as nextTurn } from 'node:timers/promises';

import { isTesseraError, POSITION_START, TesseraError, type Position } from '#core';
import type { EventLogReader, EventPage, RecordedEvent } from '#event-log';
import type { ProjectionVersion, ReadStore } from '#read-store';

import { backOff } from './back-off.js';
import { foldPage, PageStageError, type PageEvent, type PoisonPolicy } from './page-fold.js';
import { PARKED, PARKED_COLLECTION, ParkedStreams, type ParkedBody } from './parking.js';
import type { Projection } from './projection.js';
import { Session } from './session.js';

export interface RunnerOptions<D, S> {
  readonly log: EventLogReader;
  readonly store: ReadStore;
  readonly projection: Projection<D, S>;
  readonly version: ProjectionVersion;
  readonly poison: PoisonPolicy;
  /** Epoch of the lease under which it writes; 0 by default. */
  readonly token?: number | undefined;
  /** Events per page; see docs/benchmarks.md for the choice. */
  readonly pageSize?: number;
  readonly onCommitted?: (page: CommittedPage) => void;
  /** Something transient went wrong and is tried again. */
  readonly onRetry?: (error: TesseraError) => void;
}

export interface CommittedPage {
  readonly position: Position;
  readonly events: number;
}

const DEFAULT_PAGE_SIZE = 2_000;
const REPLAY_SLICE = 1_000;

/**
 * Folds one version of one projection: page by page, one commit with the checkpoint. The only writer of its version.
 * Runs until it is stopped, reaches `until`, is fenced, or meets what it may not pass.
 */
export class ProjectionRunner<D, S> {
  readonly #session: Session;
  readonly #parked = new ParkedStreams();
  #epoch = 0;
  #position: Position = POSITION_START;
  #folding: Promise<void> | undefined;
  #gate: Gate | undefined;
  #replay = new Set<string>();

  constructor(private readonly options: RunnerOptions<D, S>) {
    const collections = [...options.projection.collections, PARKED_COLLECTION];
    this.#session = new Session(options.store.reader(options.version), collections);
  }

  /** Position of the last commit. */
  get position(): Position {
    return this.#position;
  }

  /** Creates the collections and takes the right to write. Call once, before `run`. */
  async open(): Promise<void> {
    const { store, version, projection, token } = this.options;
    const collections = [...projection.collections, PARKED_COLLECTION].map(({ spec }) => spec);
    await store.deploy({ ...version, collections });
    const checkpoint = await store.claim(version, token);
    this.#epoch = checkpoint.epoch;
    this.#position = checkpoint.position;
    await this.#parked.load(store.reader(version));
  }

  /** Folds until `signal` aborts, or until exactly `until` when that is given: nothing behind it is folded. */
  async run(signal: AbortSignal, until?: Position): Promise<void> {
    if (until !== undefined && this.#position >= until) return;
    const end = new AbortController();
    const subscription = this.options.log.subscribe({
      after: this.#position,
      prefixes: this.options.projection.prefixes,
      pageSize: this.options.pageSize ?? DEFAULT_PAGE_SIZE,
      signal: AbortSignal.any([signal, end.signal]),
    });
    try {
      for await (const page of subscription) {
        for (const part of this.#parts(until === undefined ? page : cutAt(page, until))) {
          await this.#gate?.opened;
          if (signal.aborted) return;
          this.#folding = this.#commitPage(part, signal);
          await this.#folding;
          this.#folding = undefined;
        }
        if (until !== undefined && this.#position >= until) return;
        await nextTurn();
      }
    } finally {
      this.#folding = undefined;
      end.abort();
    }
  }

  /** Waits for the page under way, then stands still; answers the position at which it stands. */
  async pause(): Promise<Position> {
    this.#gate ??= closedGate();
    await this.#folding;
    return this.#position;
  }

  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Folds what is parked again, with the next page that is committed. Answers how many streams that are. */
  replayParked(): number {
    this.#replay = new Set(this.#parked.streams);
    return this.#replay.size;
  }

  #parts(page: EventPage): readonly EventPage[] {
    const { standsAlone } = this.options.projection;
    return standsAlone === undefined ? [page] : apart(page, standsAlone);
  }

  async #commitPage(page: EventPage, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#foldAndCommit(page);
        return;
      } catch (error) {
        this.#forget();
        if (error instanceof PageStageError) return this.#narrow(page, error, signal);
        if (!isTesseraError(error) || !error.retryable || signal.aborted) throw error;
        this.options.onRetry?.(error);
        await backOff(attempt, signal);
      }
    }
  }

  /** Where pages are cut makes no difference, so the page is halved until the event that a stage cannot take stands alone. */
  async #narrow(page: EventPage, error: PageStageError, signal: AbortSignal): Promise<void> {
    const { events } = page;
    const [only] = events;
    if (events.length <= 1) {
      const named = only === undefined ? 'a replayed event' : `${only.type} at ${only.stream}@${String(only.revision)}`;
      throw new TesseraError('PROJECTION_FAILED', `${this.options.projection.name}: ${error.message} on ${named}`, {
        cause: error.cause,
      });
    }
    const middle = events.length >> 1;
    const first = events.slice(0, middle);
    const position = (first.at(-1) as (typeof events)[number]).position;
    await this.#commitPage({ events: first, position, caughtUp: false }, signal);
    await this.#commitPage({ ...page, events: events.slice(middle) }, signal);
  }

  async #foldAndCommit(page: EventPage): Promise<void> {
    const { store, version, projection, poison } = this.options;
    const replayed = await this.#takeReplayed();
    const inTurn = page.events.map((event): PageEvent => ({ event, replayed: false }));
    const events = replayed.length === 0 ? inTurn : [...replayed, ...inTurn];
    await foldPage(projection, this.#session, this.#parked, events, page.position, poison);
    const ingestedAt = page.events.at(-1)?.metadata['ingestedAt'];
    await store.commit(version, {
      epoch: this.#epoch,
      position: page.position,
      writes: this.#session.writes(),
      ...(typeof ingestedAt === 'number' && { ingestedAt }),
    });
    this.#session.committed();
    this.#parked.committed();
    this.#replay.clear();
    this.#position = page.position;
    this.options.onCommitted?.({ position: page.position, events: page.events.length });
  }

  /** Releases the streams that are to be replayed and reads them from the event that parked them, up to the checkpoint. */
  async #takeReplayed(): Promise<PageEvent[]> {
    const events: PageEvent[] = [];
    if (this.#replay.size === 0) return events;
    await this.#session.load(PARKED.name, this.#replay);
    for (const stream of this.#replay) {
      const parked = this.#session.get<ParkedBody>(PARKED.name, stream);
      if (parked === undefined) continue;
      this.#parked.release(this.#session, stream);
      let from: number | undefined = parked.value.revision;
      while (from !== undefined) {
        const slice = await this.options.log.readStream(stream, { from, limit: REPLAY_SLICE });
        for (const event of slice.events) {
          if (event.position <= this.#position) events.push({ event, replayed: true });
        }
        from = slice.next;
      }
    }
    return events;
  }

  /** The commit may or may not have happened: nothing in memory can be trusted. */
  #forget(): void {
    this.#session.reset();
    this.#parked.rollback();
  }
}

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function closedGate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function cutAt(page: EventPage, until: Position): EventPage {
  if (page.position <= until) return page;
  return { events: page.events.filter(({ position }) => position <= until), position: until, caughtUp: page.caughtUp };
}

/** The page in parts: each event that stands alone is one. The last part keeps the position that the page may commit. */
function apart(page: EventPage, standsAlone: (event: RecordedEvent) => boolean): readonly EventPage[] {
  const { events } = page;
  const cuts = events.flatMap((event, index) => (standsAlone(event) ? [index, index + 1] : []));
  if (cuts.length === 0) return [page];
  const parts: EventPage[] = [];
  let from = 0;
  for (const to of [...cuts, events.length]) {
    const part = events.slice(from, to);
    const last = part.at(-1);
    if (last !== undefined) parts.push({ events: part, position: last.position, caughtUp: false });
    from = to;
  }
  const end = parts.pop();
  return end === undefined ? [page] : [...parts, { ...page, events: end.events }];
}
