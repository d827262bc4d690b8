import { afterEach, beforeEach, expect } from '@jest/globals';

import { POSITION_START } from '#core';
import type { EventLog, NewEvent, RecordedEvent, WriteOutcome } from '#event-log';
import { openEventStoreDbEventLog, type EventStoreDbOptions, type EventStoreDbTimings } from '#event-log/eventstoredb';
import { event, pagesUntilCaughtUp } from '../contract/event-log-under-test.js';
import { startEventStoreDbStandIn, type EventStoreDbStandIn } from './eventstoredb-stand-in/index.js';

/** Short enough for a test, long enough for a busy machine. */
export const QUICK: EventStoreDbTimings = {
  connect: 5_000,
  append: 1_000,
  read: 1_000,
  settle: 20_000,
  firstRetry: 5,
  longestRetry: 100,
  idleCheck: 50,
  lost: 15_000,
  dispose: 500,
};

/** A stand-in per test, and logs on it that are closed behind it. */
export class FaultScene {
  readonly reports: string[] = [];
  readonly #opened: EventLog[] = [];

  constructor(readonly server: EventStoreDbStandIn) {}

  async open(options: Partial<EventStoreDbOptions> = {}): Promise<EventLog> {
    const report = (message: string): void => void this.reports.push(message);
    const log = await openEventStoreDbEventLog({ url: this.server.url, report, timings: QUICK, ...options });
    this.#opened.push(log);
    return log;
  }

  async end(): Promise<void> {
    this.server.faults.reset();
    await this.server.restart();
    for (const log of this.#opened) await log.close();
    await this.server.stop();
  }
}

export function faultSceneForEach(): () => FaultScene {
  let scene: FaultScene;
  beforeEach(async () => {
    scene = new FaultScene(await startEventStoreDbStandIn());
  });
  afterEach(() => scene.end());
  return () => scene;
}

export async function append(log: EventLog, stream: string, ...events: NewEvent[]): Promise<WriteOutcome> {
  const [outcome] = await log.append({ common: {}, writes: [{ stream, expected: 'any', events }] });
  return outcome!;
}

/** One request with one write of one event for each id, to streams in turn. */
export async function appendMany(log: EventLog, streams: readonly string[], count: number): Promise<NewEvent[]> {
  const given = Array.from({ length: count }, (_, index) => event(index));
  const writes = given.map((it, index) => ({
    stream: streams[index % streams.length]!,
    expected: 'any' as const,
    events: [it],
  }));
  const outcomes = await log.append({ common: {}, writes });
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(given.map(() => 'written'));
  return given;
}

export async function everything(log: EventLog): Promise<readonly RecordedEvent[]> {
  const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [''] });
  return pages.flatMap(({ events }) => events);
}

export async function idsIn(log: EventLog, stream: string): Promise<string[]> {
  return (await everything(log)).filter((it) => it.stream === stream).map(({ id }) => id);
}
