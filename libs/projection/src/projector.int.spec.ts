import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START, type Position } from '#core';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import { decodeJobEvent, evolveJob, JOB_REQUESTED, jobEvent, jobStream, type Job, type JobKind } from './jobs.js';
import { defineProjection, type AnyProjection } from './projection.js';
import { Projector } from './projector.js';

const WORDS = { name: 'words', key: 'text', columns: {}, indexes: [] } as const;

/** Keeps the last word of every stream. `fold` stands for a release of the code. */
function words(fold: { readonly version: number; readonly render: (word: string) => string }): AnyProjection {
  return defineProjection<string, undefined>({
    name: 'words',
    version: fold.version,
    prefixes: ['word-'],
    collections: [{ spec: WORDS, codec: 'json', cache: 10 }],
    decode: ({ data }) => (JSON.parse(data) as { readonly word: string }).word,
    beginPage: () => undefined,
    perStream: {
      load: (entries, session) => session.load(WORDS.name, new Set(entries.map(({ stream }) => stream))),
      apply(entry, session) {
        if (entry.value === '') session.delete(WORDS.name, entry.stream);
        else session.put(WORDS.name, entry.stream, {}, fold.render(entry.value));
      },
    },
    perPage: [],
  });
}

describe('the projector', () => {
  let engines: EmbeddedEngines;
  let running: Projector | undefined;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await engines.dispose();
  });

  async function start(projection: AnyProjection): Promise<void> {
    await running?.stop();
    const { log, store } = engines;
    running = new Projector({ log, store, projections: [projection], newId: randomUUID });
    await running.start();
  }

  async function say(stream: string, data: string): Promise<Position> {
    const event = { id: randomUUID(), type: 'Said', data };
    const [outcome] = await engines.log.append({ common: {}, writes: [{ stream, expected: 'any', events: [event] }] });
    return outcome?.outcome === 'written' ? outcome.position : POSITION_START;
  }

  const word = (text: string): string => JSON.stringify({ word: text });

  async function request(kind: JobKind, projection = 'words'): Promise<string> {
    const id = randomUUID().replaceAll('-', '');
    const requested = { type: JOB_REQUESTED, data: { id, kind, projection, requestedAt: 1 } } as const;
    const events = [jobEvent(randomUUID(), requested)];
    await engines.log.append({ common: {}, writes: [{ stream: jobStream(id), expected: 'none', events }] });
    return id;
  }

  /** The job once it has ended. */
  async function ended(id: string): Promise<Job> {
    let job: Job | undefined;
    for await (const page of engines.log.subscribe({ after: POSITION_START, prefixes: [jobStream(id)] })) {
      for (const event of page.events) job = evolveJob(job, decodeJobEvent(event));
      if (job?.endedAt !== undefined) return job;
    }
    throw new Error('the log has ended');
  }

  async function run(kind: JobKind, projection?: string): Promise<Job> {
    return ended(await request(kind, projection));
  }

  async function visible(position: Position): Promise<void> {
    for (;;) {
      const entry = await engines.store.registry('words');
      const version = { projection: 'words', version: entry?.active ?? 0 };
      if (((await engines.store.checkpoint(version))?.position ?? '') >= position) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function content(): Promise<Record<string, string>> {
    const version = (await engines.store.registry('words'))?.active ?? 0;
    const found = await engines.store.reader({ projection: 'words', version }).scan(WORDS.name, { limit: 100 });
    return Object.fromEntries(found.map(({ key, body }) => [key, JSON.parse(body) as string]));
  }

  const plain = { version: 1, render: (text: string) => text };
  const loud = { version: 1, render: (text: string) => text.toUpperCase() };

  it('folds what is there and what comes', async () => {
    await say('word-a', word('one'));
    await start(words(plain));
    await visible(await say('word-b', word('two')));
    expect(await content()).toEqual({ 'word-a': 'one', 'word-b': 'two' });
  });

  it('verifies that the view is what a fresh fold of the log gives', async () => {
    await start(words(plain));
    await visible(await say('word-a', word('one')));
    const job = await run('verify');
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { compared: 1, differenceCount: 0, differences: [], events: 1 },
    });
  });

  it('shows what differs from a fresh fold', async () => {
    await start(words(plain));
    await visible(await say('word-a', word('one')));
    await start(words(loud));
    const job = await run('verify');
    const differences = [{ collection: 'words', key: 'word-a', kind: 'different' }];
    expect(job.result).toMatchObject({ differenceCount: 1, differences });
    expect(await content()).toEqual({ 'word-a': 'one' });
  });

  it('goes on after a verify', async () => {
    await start(words(plain));
    await run('verify');
    await visible(await say('word-a', word('one')));
    expect(await content()).toEqual({ 'word-a': 'one' });
  });

  it('rebuilds into the next version, switches, and keeps the one before', async () => {
    await start(words(plain));
    await visible(await say('word-a', word('one')));
    await start(words(loud));
    const job = await run('rebuild');
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { version: 1001, replaced: 1000, documents: { words: 1 }, documentsBefore: { words: 1 }, events: 1 },
    });
    expect(await engines.store.registry('words')).toEqual({ active: 1001, retired: [1000] });
    await visible(await say('word-b', word('two')));
    expect(await content()).toEqual({ 'word-a': 'ONE', 'word-b': 'TWO' });
  });

  it('drops the version before the one before', async () => {
    await start(words(plain));
    await run('rebuild');
    await run('rebuild');
    expect(await engines.store.registry('words')).toEqual({ active: 1002, retired: [1001] });
    expect(await engines.store.checkpoint({ projection: 'words', version: 1000 })).toBeUndefined();
  });

  it('fails a rebuild that meets an event which cannot be folded, and leaves the live view alone', async () => {
    await start(words(plain));
    await say('word-a', word('one'));
    await visible(await say('word-b', 'no JSON'));
    const job = await run('rebuild');
    expect(job).toMatchObject({ state: 'failed', error: { code: 'PROJECTION_FAILED' } });
    expect(job.error?.message).toContain('word-b@0');
    expect(await engines.store.registry('words')).toEqual({ active: 1000, retired: [] });
    await visible(await say('word-c', word('three')));
    expect(await content()).toEqual({ 'word-a': 'one', 'word-c': 'three' });
  });

  it('replays what is parked', async () => {
    const choking = {
      version: 1,
      render: (): string => {
        throw new Error('not yet');
      },
    };
    await start(words(choking));
    await visible(await say('word-a', word('one')));
    expect(await content()).toEqual({});
    await start(words(plain));
    const job = await run('replay-parked');
    expect(job).toMatchObject({ state: 'succeeded', result: { streams: 1 } });
    expect(await content()).toEqual({ 'word-a': 'one' });
  });

  it('does a job that was asked for while it was down, once', async () => {
    await start(words(plain));
    await running?.stop();
    running = undefined;
    const id = await request('rebuild');
    await start(words(plain));
    expect((await ended(id)).state).toBe('succeeded');
    await start(words(plain));
    await visible(await say('word-a', word('one')));
    expect((await engines.store.registry('words'))?.active).toBe(1001);
  });

  it('sweeps at its start what was deleted before', async () => {
    await start(words(plain));
    await say('word-a', word('one'));
    await visible(await say('word-a', word('')));
    expect(await content()).toEqual({});
    await start(words(plain));
    expect(await engines.store.sweep({ projection: 'words', version: 1000 })).toBe(0);
  });

  it('fails a job for a projection that is not there', async () => {
    await start(words(plain));
    expect(await run('verify', 'nothing')).toMatchObject({ state: 'failed', error: { code: 'PROJECTION_NOT_FOUND' } });
  });

  it('builds the view anew when the fold of this release is another one', async () => {
    await start(words(plain));
    await visible(await say('word-a', word('one')));
    await start(words({ ...loud, version: 2 }));
    await visible(await say('word-b', word('two')));
    expect(await engines.store.registry('words')).toEqual({ active: 2000, retired: [1000] });
    expect(await content()).toEqual({ 'word-a': 'ONE', 'word-b': 'TWO' });
  });
});
