import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

import type { Position } from '#core';
import type { EventLog, EventPage, NewEvent, RecordedEvent, SubscribeOptions, WriteOutcome } from '#event-log';

export interface EventLogLimits {
  readonly maxBytesInFlight?: number;
}

/** An adapter on a log that can be closed and opened again. */
export interface EventLogUnderTest {
  /** The log as it is open now. */
  readonly log: EventLog;
  /** Closes the log and opens the same one again, as a restart does. */
  reopen(): Promise<void>;
  /** Closes the log and removes what it kept. */
  dispose(): Promise<void>;
}

export type EventLogFactory = (limits?: EventLogLimits) => Promise<EventLogUnderTest>;

/** Streams and events of one test. */
export class Scene {
  readonly prefix = `test-${randomUUID()}_`;

  constructor(private readonly opened: EventLogUnderTest) {}

  get log(): EventLog {
    return this.opened.log;
  }

  /** Other streams in the same log. */
  another(): Scene {
    return new Scene(this.opened);
  }

  reopen(): Promise<void> {
    return this.opened.reopen();
  }

  dispose(): Promise<void> {
    return this.opened.dispose();
  }

  stream(name: string): string {
    return this.prefix + name;
  }

  /** Appends to a stream of this test, whatever is in it. Answers the positions of the writes. */
  async write(name: string, ...events: readonly NewEvent[]): Promise<Position> {
    const writes = [{ stream: this.stream(name), expected: 'any', events }] as const;
    const [outcome] = await this.log.append({ common: {}, writes });
    return written(outcome).position;
  }

  /** Everything this test has appended, in log order. */
  async all(options: Partial<SubscribeOptions> = {}): Promise<readonly RecordedEvent[]> {
    const pages = await pagesUntilCaughtUp(this.log, { after: '', prefixes: [this.prefix], ...options });
    return pages.flatMap(({ events }) => events);
  }
}

/** A scene for each test of the surrounding `describe`, all in one log. */
export function sceneForEach(factory: EventLogFactory, limits?: EventLogLimits): () => Scene {
  let opened: EventLogUnderTest;
  let scene: Scene;
  beforeAll(async () => {
    opened = await factory(limits);
  });
  beforeEach(() => {
    scene = new Scene(opened);
  });
  afterAll(() => opened.dispose());
  return () => scene;
}

/** A log for each test: for those that close it. */
export function logForEach(factory: EventLogFactory): () => Scene {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene(await factory());
  });
  afterEach(() => scene.dispose());
  return () => scene;
}

export function event(data: unknown = {}, rest: Partial<NewEvent> = {}): NewEvent {
  return { id: randomUUID(), type: 'Tested', data: JSON.stringify(data), ...rest };
}

export function events(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, index) => event(index));
}

export type Written = Extract<WriteOutcome, { outcome: 'written' }>;

export function written(outcome: WriteOutcome | undefined): Written {
  if (outcome?.outcome !== 'written') throw new Error(`not written: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** Pages up to the first that is caught up. */
export async function pagesUntilCaughtUp(log: EventLog, options: SubscribeOptions): Promise<readonly EventPage[]> {
  return pagesUntil(log, options, ({ caughtUp }) => caughtUp);
}

/** Pages up to the first that is as wanted. */
export async function pagesUntil(
  log: EventLog,
  options: SubscribeOptions,
  wanted: (page: EventPage) => boolean,
): Promise<readonly EventPage[]> {
  const pages: EventPage[] = [];
  for await (const page of log.subscribe(options)) {
    pages.push(page);
    if (wanted(page)) break;
  }
  return pages;
}

/** Takes pages one by one, as a consumer does that works between them. */
export class Consumer {
  readonly #pages: AsyncIterator<EventPage>;

  constructor(subscription: AsyncIterable<EventPage>) {
    this.#pages = subscription[Symbol.asyncIterator]();
  }

  async page(): Promise<EventPage> {
    const next = await this.#pages.next();
    if (next.done === true) throw new Error('the subscription has ended');
    return next.value;
  }

  async pageWithEvents(): Promise<EventPage> {
    for (;;) {
      const page = await this.page();
      if (page.events.length > 0) return page;
    }
  }

  async hasEnded(): Promise<boolean> {
    for (;;) if ((await this.#pages.next()).done === true) return true;
  }

  async end(): Promise<void> {
    await this.#pages.return?.();
  }
}

export async function errorCode(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  return 'no error';
}
