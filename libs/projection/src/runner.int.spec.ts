import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { TesseraError, type Position } from '#core';
import type { Commit, ProjectionVersion, ReadStore } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import { compareVersions } from './compare.js';
import { PARKED_COLLECTION, type ParkedBody } from './parking.js';
import { defineProjection, isApplied, type AnyProjection } from './projection.js';
import { ProjectionRunner, type CommittedPage, type RunnerOptions } from './runner.js';

const COUNTERS = { name: 'counters', key: 'text', columns: {}, indexes: [] } as const;
const TOTALS = { name: 'totals', key: 'text', columns: {}, indexes: [] } as const;

interface Added {
  readonly counter: string;
  readonly amount: number;
}

/** What the folds of these specs choke on; a spec heals them by clearing it. */
const broken = { decode: new Set<number>(), apply: new Set<number>(), stage: new Set<number>() };

/** Counts per stream, then over all streams. */
const counting: AnyProjection = defineProjection<Added, { sum: number }>({
  name: 'counting',
  version: 1,
  prefixes: ['counter-'],
  collections: [
    { spec: COUNTERS, codec: 'json', cache: 2 },
    { spec: TOTALS, codec: 'json', cache: 2 },
  ],
  decode({ stream, data, type }) {
    if (type === 'Ignored') return undefined;
    const { amount } = JSON.parse(data) as { readonly amount: number };
    if (broken.decode.has(amount)) throw new TypeError(`cannot decode ${String(amount)}`);
    return { counter: stream.slice('counter-'.length), amount };
  },
  beginPage: () => ({ sum: 0 }),
  perStream: {
    load: (entries, session) => session.load(COUNTERS.name, new Set(entries.map(({ value }) => value.counter))),
    apply({ value: { counter, amount }, revision }, session, page) {
      const before = session.get<{ sum: number; revision: number }>(COUNTERS.name, counter)?.value;
      if (before === undefined || before.revision < revision) {
        session.put(COUNTERS.name, counter, {}, { sum: (before?.sum ?? 0) + amount, revision });
      }
      page.sum += amount;
      if (broken.apply.has(amount)) throw new RangeError(`cannot apply ${String(amount)}`);
    },
  },
  perPage: [
    {
      name: 'totals',
      async fold(entries, session) {
        await session.load(TOTALS.name, ['all']);
        for (const entry of entries) {
          if (broken.stage.has(entry.value.amount)) throw new Error('the stage has a bug');
          const before = session.get<{ sum: number }>(TOTALS.name, 'all');
          if (before !== undefined && isApplied(before.position, entry)) continue;
          session.put(TOTALS.name, 'all', {}, { sum: (before?.value.sum ?? 0) + entry.value.amount });
        }
      },
    },
  ],
});

const VERSION: ProjectionVersion = { projection: 'counting', version: 1000 };

describe('a projection', () => {
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });

  afterEach(async () => {
    for (const set of Object.values(broken)) set.clear();
    await engines.dispose();
  });

  async function given(...added: readonly (readonly [stream: string, amount: number, type?: string])[]): Promise<void> {
    for (const [stream, amount, type = 'Added'] of added) {
      const event = { id: randomUUID(), type, data: JSON.stringify({ amount }), metadata: { ingestedAt: amount } };
      await engines.log.append({ common: {}, writes: [{ stream, expected: 'any', events: [event] }] });
    }
  }

  async function fold(options: Partial<RunnerOptions<unknown, unknown>> = {}, until?: Position) {
    const runner = new ProjectionRunner({
      log: engines.log,
      store: engines.store,
      projection: counting,
      version: VERSION,
      poison: 'park',
      pageSize: 3,
      ...options,
    });
    await runner.open();
    await runner.run(new AbortController().signal, until ?? (await engines.log.head()));
    return runner;
  }

  async function sums(version = VERSION): Promise<Record<string, number>> {
    const reader = engines.store.reader(version);
    const found = [
      ...(await reader.scan(COUNTERS.name, { limit: 100 })),
      ...(await reader.scan(TOTALS.name, { limit: 100 })),
    ];
    return Object.fromEntries(found.map(({ key, body }) => [key, (JSON.parse(body) as { sum: number }).sum]));
  }

  async function parked(): Promise<ParkedBody[]> {
    const found = await engines.store.reader(VERSION).scan('parked', { limit: 100 });
    return found.map(({ body }) => JSON.parse(body) as ParkedBody);
  }

  it('folds what its prefixes select and moves its checkpoint to the head', async () => {
    await given(['counter-a', 1], ['other-a', 100], ['counter-b', 2], ['counter-a', 3], ['other-b', 100]);
    await fold();
    expect(await sums()).toEqual({ a: 4, b: 2, all: 6 });
    const checkpoint = await engines.store.checkpoint(VERSION);
    expect(checkpoint).toEqual({ position: await engines.log.head(), epoch: 1, ingestedAt: 3 });
  });

  it('does nothing on an empty log', async () => {
    await fold();
    expect(await sums()).toEqual({});
  });

  it('goes on after a restart, and folds nothing twice', async () => {
    await given(['counter-a', 1], ['counter-b', 2]);
    await fold();
    await given(['counter-a', 4]);
    await fold();
    expect(await sums()).toEqual({ a: 5, b: 2, all: 7 });
  });

  it('stops exactly at the position that was asked for, also in the middle of a page', async () => {
    await given(['counter-a', 1], ['counter-a', 2]);
    const until = await engines.log.head();
    await given(['counter-a', 4]);
    const runner = await fold({ pageSize: 100 }, until);
    expect(runner.position).toBe(until);
    expect(await sums()).toEqual({ a: 3, all: 3 });
  });

  it('shows an event that arrives while it waits', async () => {
    const abort = new AbortController();
    const runner = new ProjectionRunner({
      ...{ log: engines.log, store: engines.store, projection: counting, version: VERSION, poison: 'park' },
      onCommitted: ({ position }) => {
        if (position !== '') abort.abort();
      },
    });
    await runner.open();
    const running = runner.run(abort.signal);
    await given(['counter-a', 1]);
    await running;
    expect(await sums()).toEqual({ a: 1, all: 1 });
  });

  it.each(['decode', 'apply'] as const)(
    'parks the stream of an event that %s cannot take, and goes on',
    async (step) => {
      broken[step].add(2);
      await given(
        ['counter-a', 1],
        ['counter-a', 2],
        ['counter-b', 10],
        ['counter-a', 4],
        ['counter-a', 8],
        ['counter-b', 20],
      );
      await fold();
      expect(await sums()).toEqual({ a: 1, b: 30, all: 31 });
      expect(await parked()).toEqual([
        expect.objectContaining({
          stream: 'counter-a',
          revision: 1,
          type: 'Added',
          waiting: 2,
          error: `cannot ${step} 2`,
        }),
      ]);
    },
  );

  it.each([1, 2, 3, 100])('gives events that stand alone a page of their own, in pages of %i', async (pageSize) => {
    await given(
      ['counter-a', 1],
      ['counter-a', 2],
      ['counter-a', 4, 'Rule'],
      ['counter-a', 8, 'Rule'],
      ['counter-a', 16],
      ['counter-a', 32],
    );
    const pages: (readonly [events: number, position: Position])[] = [];
    const projection: AnyProjection = { ...counting, standsAlone: ({ type }) => type === 'Rule' };
    const onCommitted = ({ events, position }: CommittedPage): void => void pages.push([events, position]);
    await fold({ pageSize, projection, onCommitted });
    const { events } = await engines.log.readStream('counter-a');
    const positions = new Map(pages.map(([size, position]) => [position, size]));
    expect(positions.get(events[2]!.position)).toBe(1);
    expect(positions.get(events[3]!.position)).toBe(1);
    expect(pages.map(([size]) => size).reduce((sum, size) => sum + size, 0)).toBe(6);
    expect(await sums()).toEqual({ a: 63, all: 63 });
  });

  it('keeps streams parked over a restart', async () => {
    broken.apply.add(2);
    await given(['counter-a', 2], ['counter-b', 1]);
    await fold();
    broken.apply.clear();
    await given(['counter-a', 4], ['counter-b', 8]);
    await fold();
    expect(await sums()).toEqual({ b: 9, all: 9 });
    expect(await parked()).toEqual([expect.objectContaining({ stream: 'counter-a', waiting: 1 })]);
  });

  it('replays what is parked, in its order, with the next page', async () => {
    broken.apply.add(2);
    await given(['counter-a', 1], ['counter-a', 2], ['counter-a', 4]);
    await fold();
    broken.apply.clear();
    const runner = await fold();
    expect(runner.replayParked()).toBe(1);
    await given(['counter-a', 8], ['other-a', 100]);
    await runner.run(new AbortController().signal, await engines.log.head());
    expect(await sums()).toEqual({ a: 15, all: 15 });
    expect(await parked()).toEqual([]);
  });

  it('parks again what a replay cannot fold either', async () => {
    broken.apply.add(2);
    await given(['counter-a', 1], ['counter-a', 2], ['counter-a', 4]);
    const runner = await fold();
    runner.replayParked();
    await given(['counter-b', 8]);
    await runner.run(new AbortController().signal, await engines.log.head());
    expect(await sums()).toEqual({ a: 1, b: 8, all: 9 });
    expect(await parked()).toEqual([expect.objectContaining({ stream: 'counter-a', revision: 1, waiting: 1 })]);
  });

  it('stops a rebuild at the first event that cannot be folded, and names it', async () => {
    broken.decode.add(2);
    await given(['counter-a', 1], ['counter-a', 2]);
    const expected = { code: 'PROJECTION_FAILED', message: 'counting cannot fold Added at counter-a@1' };
    await expect(fold({ poison: 'stop' })).rejects.toMatchObject(expected);
  });

  it('stops at an event that a stage across streams cannot take, with all before it folded, and names it', async () => {
    broken.stage.add(4);
    await given(['counter-a', 1], ['counter-b', 2], ['counter-c', 4], ['counter-d', 8]);
    const message = 'counting: stage totals failed on Added at counter-c@0';
    await expect(fold({ pageSize: 100 })).rejects.toMatchObject({ code: 'PROJECTION_FAILED', message });
    expect(await sums()).toEqual({ a: 1, b: 2, all: 3 });
  });

  it('stops when another runner has taken over', async () => {
    await given(['counter-a', 1]);
    const paused = await fold();
    await fold();
    await given(['counter-a', 2]);
    await expect(paused.run(new AbortController().signal, await engines.log.head())).rejects.toMatchObject({
      code: 'FENCED',
    });
    expect(await sums()).toEqual({ a: 1, all: 1 });
  });

  it('stands still between two pages while it is paused', async () => {
    await given(['counter-a', 1]);
    const runner = await fold();
    const position = await runner.pause();
    await given(['counter-a', 2]);
    const running = runner.run(new AbortController().signal, await engines.log.head());
    expect(runner.position).toBe(position);
    runner.resume();
    await running;
    expect(await sums()).toEqual({ a: 3, all: 3 });
  });

  it('gives the same documents wherever pages are cut, commits fail or tear, and the process restarts', async () => {
    const added = fc.tuple(
      fc.constantFrom('counter-a', 'counter-b', 'counter-c', 'other-a'),
      fc.integer({ min: 1, max: 9 }),
    );
    const faults = fc.array(fc.record({ at: fc.nat(12), written: fc.integer({ min: 0, max: 4 }) }), { maxLength: 4 });
    let version = VERSION.version;
    await fc.assert(
      fc.asyncProperty(
        fc.array(added, { maxLength: 15 }),
        fc.integer({ min: 1, max: 6 }),
        faults,
        async (items, pageSize, tears) => {
          await given(...items);
          broken.apply.add(7);
          const torn = { ...VERSION, version: (version += 1) };
          const whole = { ...VERSION, version: (version += 1) };
          await fold({ version: torn, pageSize, store: tearing(engines.store, tears) });
          await fold({ version: whole, pageSize: 1_000 });
          const comparison = await compareVersions(
            [...counting.collections, PARKED_COLLECTION],
            engines.store.reader(torn),
            engines.store.reader(whole),
            () => undefined,
          );
          expect(comparison.differences).toEqual([]);
          expect(comparison.differenceCount).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

interface Tear {
  /** The how manieth commit. */
  readonly at: number;
  /** How many of its documents are written before it fails. */
  readonly written: number;
}

/**
 * A store whose commits are not atomic, as with an engine without transactions: some documents of a page are there, its
 * checkpoint is not.
 */
function tearing(store: ReadStore, tears: readonly Tear[]): ReadStore {
  const left = new Map(tears.map(({ at, written }) => [at, written]));
  let commits = 0;
  const commit = async (version: ProjectionVersion, whole: Commit): Promise<void> => {
    const written = left.get(commits);
    left.delete(commits);
    commits += 1;
    if (written === undefined) return store.commit(version, whole);
    await store.commit(version, { ...whole, writes: whole.writes.slice(0, written) });
    throw new TesseraError('STORE_UNAVAILABLE', 'the connection was cut');
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
