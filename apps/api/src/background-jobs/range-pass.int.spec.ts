import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START, type Position } from '#core';
import { jobStream, type ApiJob } from '#projection';
import { decodeReevaluation, PROFILE_PROJECTION, PROFILES_REEVALUATED, type ProfilesReevaluated } from '#read-models';
import type { ReadStore } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { SANDBOX } from '../../../../test/support/ingested.js';
import { LiveView } from '../common/live-view.js';
import { JobStreams } from './job-streams.js';
import { RangePasses, type RangePass } from './range-pass.js';

const PROFILE_VERSION = { projection: PROFILE_PROJECTION, version: 1 } as const;
/** Ranges that are told before the first of them must be folded. */
const UNFOLDED = 9;
const JOB: ApiJob = {
  id: 'job00001',
  kind: 'apply-identity-settings',
  projection: PROFILE_PROJECTION,
  requestedAt: 0,
  state: 'requested',
  target: { sandbox: SANDBOX, sandboxName: 'prod', head: POSITION_START },
};

describe('a pass over ranges of profiles that is resumed', () => {
  let engines: EmbeddedEngines;
  let epoch: number;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    await engines.store.deploy({ ...PROFILE_VERSION, collections: [] });
    await engines.store.setRegistry(PROFILE_PROJECTION, undefined, { active: 1, retired: [] });
    ({ epoch } = await engines.store.claim(PROFILE_VERSION));
  });
  afterEach(() => engines.dispose());

  /** As the projection does when it has folded the log so far. */
  const foldTo = async (position: Position): Promise<void> => {
    await engines.store.commit(PROFILE_VERSION, { epoch, position, writes: [] });
  };
  const foldAll = async (): Promise<void> => foldTo(await engines.log.head());

  /** A process: its view calls `look` each time before it looks how far the projection is. */
  const passes = (look: () => Promise<void> | void): RangePasses => {
    const store = new Proxy<ReadStore>(engines.store, {
      get: (target, name: keyof ReadStore) =>
        name === 'checkpoint'
          ? async (...given: Parameters<ReadStore['checkpoint']>) => {
              await look();
              return target.checkpoint(...given);
            }
          : (target[name] as () => unknown).bind(target),
    });
    const streams = new JobStreams(engines.log, { now: () => 0 }, randomUUID);
    return new RangePasses(engines.log, streams, new LiveView(store));
  };

  const passOver = (profiles: number, isWanted = () => true): RangePass => ({
    job: JOB,
    type: PROFILES_REEVALUATED,
    tell: (keyPrefix): ProfilesReevaluated => ({ sandbox: SANDBOX, keyPrefix }),
    decode: decodeReevaluation,
    documents: async () => profiles,
    isWanted,
    phase: 'evaluating',
  });

  /** Until it waits for the projection, which does nothing: then its process ends. */
  async function crashWaiting(profiles: number): Promise<void> {
    const crash = new Error('the process ended');
    const crashing = passes(() => {
      throw crash;
    });
    await expect(crashing.run(passOver(profiles), new AbortController().signal)).rejects.toBe(crash);
  }

  async function told(): Promise<readonly string[]> {
    const prefixes: string[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const slice: Awaited<ReturnType<typeof engines.log.readStream>> = await engines.log.readStream(
        jobStream(JOB.id),
        { from },
      );
      for (const { type, data } of slice.events) {
        if (type === PROFILES_REEVALUATED) prefixes.push(decodeReevaluation(data).keyPrefix);
      }
      from = slice.next;
    }
    return prefixes;
  }

  it('waits for the last range that it told before, and tells none again, however many profiles there are now', async () => {
    await crashWaiting(0);
    expect(await told()).toEqual(['']);
    let isFolded = false;
    const asked: boolean[] = [];
    let looks = 0;
    const run = passes(async () => {
      looks += 1;
      if (looks < 3) return;
      isFolded = true;
      await foldAll();
    }).run(
      passOver(5_000, () => {
        asked.push(isFolded);
        return true;
      }),
      new AbortController().signal,
    );
    expect(await run).toBe(1);
    expect(looks).toBe(3);
    // Nothing was left to be told, so it asked once, at the end.
    expect(asked).toEqual([true]);
    expect(await told()).toEqual(['']);
  });

  it('goes on behind the ranges that it told before, folded or not, and ends when the last one is', async () => {
    await crashWaiting(2_001);
    expect(await told()).toHaveLength(UNFOLDED);
    // Two of those were folded meanwhile.
    const { events } = await engines.log.readStream(jobStream(JOB.id), { from: 0 });
    await foldTo(events[1]?.position as Position);
    expect(await passes(foldAll).run(passOver(2_001), new AbortController().signal)).toBe(256);
    const all = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
    expect(await told()).toEqual(all);
    const last = (await engines.log.readStream(jobStream(JOB.id), { direction: 'backwards' })).events;
    const lastTold = last.find(({ type }) => type === PROFILES_REEVALUATED)?.position as Position;
    expect((await engines.store.checkpoint(PROFILE_VERSION))!.position >= lastTold).toBe(true);
  });
});
