import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Position } from '#core';
import type { ReadStore } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import { PROJECTOR_LEASE, projectUnderLease } from './leased-projector.js';
import { defineProjection } from './projection.js';

const TERM = 300;
const WORDS = { name: 'words', key: 'text', columns: {}, indexes: [] } as const;
const VIEW = { projection: 'words', version: 1000 };

/** Keeps the last word of every stream. */
const words = defineProjection<string, undefined>({
  name: 'words',
  version: 1,
  prefixes: ['word-'],
  collections: [{ spec: WORDS, codec: 'json', cache: 10 }],
  decode: ({ data }) => data,
  beginPage: () => undefined,
  perStream: {
    load: (entries, session) => session.load(WORDS.name, new Set(entries.map(({ stream }) => stream))),
    apply: (entry, session) => session.put(WORDS.name, entry.stream, {}, entry.value),
  },
  perPage: [],
});

interface Running {
  readonly ready: Promise<void>;
  readonly waits: string[];
  stop(): Promise<void>;
}

describe('a projector under a lease', () => {
  let engines: EmbeddedEngines;
  const all: Running[] = [];

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(async () => {
    await Promise.all(all.splice(0).map((running) => running.stop()));
    await engines.dispose();
  });

  function run(holder: string, store: ReadStore = engines.store): Running {
    const abort = new AbortController();
    const waits: string[] = [];
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const options = {
      log: engines.log,
      store,
      projections: [words],
      newId: randomUUID,
      holder,
      termMilliseconds: TERM,
    };
    const hooks = {
      onReady: ready,
      onStandby: () => void waits.push('standby'),
      onDown: (reason: string) => void waits.push(reason),
    };
    const ended = projectUnderLease({ ...options, ...hooks }, abort.signal);
    const running: Running = {
      ready: isReady,
      waits,
      stop: async () => {
        abort.abort();
        await ended;
      },
    };
    all.push(running);
    return running;
  }

  async function say(word: string): Promise<Position> {
    const events = [{ id: randomUUID(), type: 'Said', data: JSON.stringify(word) }];
    const [outcome] = await engines.log.append({
      common: {},
      writes: [{ stream: 'word-a', expected: 'any', events }],
    });
    if (outcome?.outcome !== 'written') throw new Error('not written');
    return outcome.position;
  }

  async function folded(position: Position): Promise<void> {
    while (((await engines.store.checkpoint(VIEW))?.position ?? '') < position) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const content = async (): Promise<unknown> => {
    const [document] = await engines.store.reader(VIEW).get('words', ['word-a']);
    return document && JSON.parse(JSON.parse(document.body) as string);
  };

  it('folds, and hands over to the one who waits when it is stopped', async () => {
    const first = run('one');
    await first.ready;
    const second = run('two');
    await folded(await say('from the first'));
    expect(second.waits).toEqual(['standby']);
    await first.stop();
    await second.ready;
    await folded(await say('from the second'));
    expect(await content()).toBe('from the second');
    expect(await engines.store.lease(PROJECTOR_LEASE)).toMatchObject({ holder: 'two' });
  });

  it('that is paused in the middle of a commit cannot write once another one has taken over', async () => {
    const pausable = new PausableStore(engines.store);
    const first = run('one', pausable.store);
    await first.ready;
    await folded(await say('before'));
    pausable.pause();
    const position = await say('while it is paused');
    await pausable.stopped;
    const second = run('two');
    await second.ready;
    await folded(position);
    await folded(await say('after'));
    const before = await engines.store.checkpoint(VIEW);
    pausable.resume();
    expect(await pausable.refusal).toMatchObject({ code: 'FENCED' });
    expect(await engines.store.checkpoint(VIEW)).toEqual(before);
    expect(await content()).toBe('after');
    // And it waits for its next turn instead of fighting.
    await second.stop();
    await folded(await say('its next turn'));
    expect(await engines.store.lease(PROJECTOR_LEASE)).toMatchObject({ holder: 'one' });
  });

  it('ends with what no repetition would mend', async () => {
    const broken = overriding(engines.store, {
      deploy: async () => {
        throw new TypeError('no such thing');
      },
    });
    const options = { log: engines.log, store: broken, projections: [words], newId: randomUUID, holder: 'one' };
    await expect(projectUnderLease(options, new AbortController().signal)).rejects.toThrow('no such thing');
    expect(await engines.store.lease(PROJECTOR_LEASE)).toMatchObject({ holder: '' });
  });
});

/** A store whose user stands still at its next commit and at every beat, as under SIGSTOP. */
class PausableStore {
  readonly store: ReadStore;
  readonly stopped: Promise<void>;
  readonly refusal: Promise<unknown>;
  #gate: Promise<void> | undefined;
  resume: () => void = () => undefined;
  #reportStopped: () => void = () => undefined;
  #reportRefusal: (error: unknown) => void = () => undefined;

  constructor(private readonly inner: ReadStore) {
    this.stopped = new Promise((resolve) => (this.#reportStopped = resolve));
    this.refusal = new Promise((resolve) => (this.#reportRefusal = resolve));
    this.store = overriding(inner, {
      commit: (version, commit) => this.#commit(version, commit),
      renewLease: async (name, held) => {
        await this.#gate;
        return inner.renewLease(name, held);
      },
    });
  }

  pause(): void {
    this.#gate = new Promise((resolve) => (this.resume = resolve));
  }

  async #commit(...commit: Parameters<ReadStore['commit']>): Promise<void> {
    if (this.#gate === undefined) return this.inner.commit(...commit);
    this.#reportStopped();
    await this.#gate;
    try {
      await this.inner.commit(...commit);
      this.#reportRefusal('it was let through');
    } catch (error) {
      this.#reportRefusal(error);
      throw error;
    }
  }
}

/** The same store, but for what `overrides` has. */
function overriding(store: ReadStore, overrides: Partial<ReadStore>): ReadStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = overrides[property as keyof ReadStore] ?? Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
