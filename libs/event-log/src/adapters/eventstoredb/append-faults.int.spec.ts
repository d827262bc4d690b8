import { describe, expect, it } from '@jest/globals';

import type { EventLog, NewEvent, StreamWrite } from '../../event-log.js';
import { errorCode, event, events } from '../../../../../test/contract/event-log-under-test.js';
import {
  append,
  appendMany,
  everything,
  faultSceneForEach,
  idsIn,
  QUICK,
} from '../../../../../test/support/eventstoredb-faults.js';

const idsOf = (given: readonly NewEvent[]): string[] => given.map(({ id }) => id);

describe('appending to an EventStoreDB that fails', () => {
  const scene = faultSceneForEach();
  const faults = () => scene().server.faults;

  /** Appends one after the other until told to stop; each is written, in the end. */
  async function appendUntil(signal: AbortSignal, log: EventLog, stream: string): Promise<string[]> {
    const ids: string[] = [];
    while (!signal.aborted) {
      const given = event();
      ids.push(given.id);
      expect(await append(log, stream, given)).toMatchObject({ outcome: 'written', revision: ids.length - 1 });
    }
    return ids;
  }

  it.each([0, 1, 7])('loses and doubles nothing when the connection is cut behind append %d of many', async (k) => {
    const log = await scene().open();
    await appendMany(log, ['a', 'b'], 4);
    faults().cutDuringAppends({ afterWriting: k });
    const streams = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const given = await appendMany(log, streams, 60);

    const found = await everything(log);
    expect(found).toHaveLength(64);
    for (const [index, stream] of streams.entries()) {
      const wanted = given.filter((_, nth) => nth % streams.length === index);
      expect(found.filter((it) => it.stream === stream).map(({ id }) => id)).toEqual(idsOf(wanted));
    }
  });

  it.each<[string, StreamWrite['expected']]>([
    ['anything', 'any'],
    ['no stream', 'none'],
    ['a revision', 1],
  ])('finds an append that expects %s and was written, though the answer was an error', async (_name, expected) => {
    const log = await scene().open();
    if (expected === 1) await append(log, 'a', ...events(2));
    const given = events(3);
    faults().writeThenFail();
    const [outcome] = await log.append({ common: {}, writes: [{ stream: 'a', expected, events: given }] });

    const found = (await log.readStream('a')).events.slice(-3);
    expect(idsOf(found as never)).toEqual(idsOf(given));
    expect(outcome).toEqual({ outcome: 'written', revision: found[2]!.revision, position: found[2]!.position });
    expect(await everything(log)).toHaveLength(expected === 1 ? 5 : 3);
  });

  it('finds an append that is never answered once its deadline has passed, and only then', async () => {
    const log = await scene().open();
    await append(log, 'a', event());
    faults().writeThenStaySilent();
    const given = event();
    const started = Date.now();
    const outcome = await append(log, 'a', given);

    expect(Date.now() - started).toBeGreaterThanOrEqual(QUICK.append - 5);
    const [, found] = (await log.readStream('a')).events;
    expect(outcome).toEqual({ outcome: 'written', revision: 1, position: found!.position });
    expect(scene().server.counters.appends).toBe(2);
  });

  it('finds an append whose answer was lost with a server that has forgotten its ids', async () => {
    const log = await scene().open({ timings: { ...QUICK, append: 10_000 } });
    await append(log, 'a', event());
    faults().writeThenStaySilent();
    const outcome = append(log, 'a', event(), event());
    while (scene().server.counters.appends < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await scene().server.restart({ forgetIds: true });

    expect(await outcome).toMatchObject({ outcome: 'written', revision: 2 });
    expect(await everything(log)).toHaveLength(3);
  });

  it('repeats an append that was lost unwritten, at the revision that it finds', async () => {
    const log = await scene().open();
    await append(log, 'a', event());
    faults().cutDuringAppends({ afterWriting: 0 });

    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 1 });
    expect(await everything(log)).toHaveLength(2);
  });

  it('refuses after an answer that was lost what another has overtaken, and never twice', async () => {
    const log = await scene().open();
    await append(log, 'a', event());
    faults().cutDuringAppends({ afterWriting: 0 });
    const writes: StreamWrite[] = [
      { stream: 'a', expected: 0, events: [event()] },
      { stream: 'a', expected: 0, events: [event()] },
      { stream: 'a', expected: 'any', events: [event()] },
    ];

    expect(await log.append({ common: {}, writes })).toMatchObject([
      { outcome: 'written', revision: 1 },
      { outcome: 'refused', actual: 1 },
      { outcome: 'written', revision: 2 },
    ]);
  });

  it.each([true, false])('goes on over a kill and a restart that forgets its ids: %s', async (forgetIds) => {
    const log = await scene().open({ timings: { ...QUICK, append: 5_000 } });
    const over = new AbortController();
    const writers = ['a', 'b', 'c', 'd'].map(
      async (stream) => [stream, await appendUntil(over.signal, log, stream)] as const,
    );
    for (let round = 0; round < 3; round += 1) {
      await append(log, `marker-${round}`, event());
      await scene().server.kill();
      await scene().server.restart({ forgetIds });
    }
    over.abort();

    for (const [stream, ids] of await Promise.all(writers)) expect(await idsIn(log, stream)).toEqual(ids);
  });

  it('is unavailable while the server is down, says so within its deadline, and comes back', async () => {
    const log = await scene().open({ timings: { ...QUICK, settle: 1_000 } });
    await append(log, 'a', event());
    await scene().server.kill();
    // This one may still go out into the connection that breaks; then nobody knows.
    await append(log, 'a', event()).catch(() => undefined);
    const started = Date.now();
    const code = await errorCode(append(log, 'a', event()));
    const took = Date.now() - started;
    await scene().server.restart();

    expect(code).toBe('LOG_UNAVAILABLE');
    expect(took).toBeLessThan(QUICK.append + 2_000);
    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 1 });
  });

  it.each(['not-ready', 'too-busy'] as const)('waits for a server that is %s', async (why) => {
    const log = await scene().open();
    faults().refuse(why, { times: 4 });

    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 0 });
    expect(await everything(log)).toHaveLength(1);
  });

  it('is unavailable when the server stays not ready', async () => {
    const log = await scene().open();
    faults().refuse('not-ready');
    expect(await errorCode(append(log, 'a', event()))).toBe('LOG_UNAVAILABLE');

    faults().accept();
    expect(await everything(log)).toEqual([]);
  });

  it('looks up what the server says has taken too long', async () => {
    const log = await scene().open();
    faults().refuse('timeout', { scope: 'appends', times: 2 });

    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 0 });
  });

  it('says that it may not write', async () => {
    const log = await scene().open();
    faults().refuse('access-denied', { scope: 'appends' });

    expect(await errorCode(append(log, 'a', event()))).toBe('LOG_READ_ONLY');
  });

  it('writes once what it sent to a server that was frozen meanwhile', async () => {
    const log = await scene().open();
    await append(log, 'a', event());
    faults().freeze();
    const given = [event(), event(), event()];
    const outcomes = Promise.all([...given.map((it) => append(log, 'a', it)), append(log, 'b', event())]);
    await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.append));
    faults().thaw();

    expect((await outcomes).map(({ outcome }) => outcome)).toEqual(Array(4).fill('written'));
    expect((await idsIn(log, 'a')).slice(1)).toEqual(idsOf(given));
    expect(await idsIn(log, 'b')).toHaveLength(1);
  });

  it('does not know the outcome when the server is frozen for too long', async () => {
    const log = await scene().open({ timings: { ...QUICK, append: 100, read: 100, settle: 500 } });
    await append(log, 'a', event());
    faults().freeze();
    const started = Date.now();
    const outcome = await append(log, 'a', event());

    expect(outcome).toEqual({ outcome: 'unknown', error: expect.objectContaining({ code: 'LOG_OUTCOME_UNKNOWN' }) });
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('takes a new client once discovery has failed', async () => {
    const log = await scene().open({ url: `${scene().server.discoverUrl}&maxDiscoverAttempts=2&discoveryInterval=10` });
    await append(log, 'a', event());
    await scene().server.kill();
    faults().failDiscovery(6);
    await scene().server.restart();

    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 1 });
    expect(await append(log, 'a', event())).toMatchObject({ outcome: 'written', revision: 2 });
    expect(scene().reports).toContain('Using a new client for EventStoreDB');
  });

  it('refuses an event that is too large, and harms none of those in flight', async () => {
    const log = await scene().open();
    const others = Promise.all(Array.from({ length: 50 }, (_, index) => append(log, `s${index}`, event())));
    const large = event({}, { data: JSON.stringify('x'.repeat(2_000_000)) });
    const code = await errorCode(append(log, 'large', large));
    const half = event({}, { data: JSON.stringify('x'.repeat(600_000)) });
    const twoHalves = await errorCode(append(log, 'large', half, { ...half, id: event().id }));

    expect([code, twoHalves]).toEqual(['EVENT_TOO_LARGE', 'EVENT_TOO_LARGE']);
    expect((await others).map(({ outcome }) => outcome)).toEqual(Array(50).fill('written'));
    expect(await everything(log)).toHaveLength(50);
    expect(scene().server.counters.appends).toBe(50);
  });

  it('appends only what is missing of events that the server knows in part', async () => {
    const log = await scene().open();
    const given = events(4);
    await append(log, 'a', given[0]!, given[1]!);
    await append(log, 'a', event());
    const outcome = await append(log, 'a', ...given);

    expect(outcome).toMatchObject({ outcome: 'written', revision: 4 });
    const ids = await idsIn(log, 'a');
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
    expect(ids.slice(3)).toEqual(idsOf(given.slice(2)));
  });

  it('tells of each write of a request what became of it when some could not be sent', async () => {
    const log = await scene().open();
    faults().cutDuringAppends({ afterWriting: 1 });
    const [first, second] = await log.append({
      common: {},
      writes: [
        { stream: 'a', expected: 'any', events: [event()] },
        { stream: 'b', expected: 'any', events: [event()] },
      ],
    });

    expect([first, second]).toMatchObject([{ outcome: 'written' }, { outcome: 'written' }]);
  });

  it('keeps both when two logs append to one stream and one of them has to repeat', async () => {
    const [one, two] = [await scene().open(), await scene().open()];
    const ids: string[] = [];
    const writers = [one, two].map(async (log, writer) => {
      for (let round = 0; round < 30; round += 1) {
        if (writer === 0 && round % 5 === 0) faults().writeThenFail();
        if (writer === 1 && round % 7 === 3) faults().cutDuringAppends({ afterWriting: round % 2 });
        const given = events(2);
        expect(await append(log, 'a', ...given)).toMatchObject({ outcome: 'written' });
        ids.push(...idsOf(given));
      }
    });
    await Promise.all(writers);

    const found = await idsIn(one, 'a');
    expect([...found].sort()).toEqual([...ids].sort());
  });

  it('has settled what was under way when it is closed, and takes nothing more', async () => {
    const log = await scene().open();
    faults().slow(50, 'appends');
    const appends = Array.from({ length: 20 }, (_, index) => append(log, `s${index % 3}`, event()));
    const subscription = errorCode(everything(log));
    await log.close();

    expect((await Promise.all(appends)).map(({ outcome }) => outcome)).toEqual(Array(20).fill('written'));
    expect(await errorCode(append(log, 'a', event()))).toBe('LOG_UNAVAILABLE');
    await subscription;
  });

  it('closes within its bounds though nothing is answered any more', async () => {
    const log = await scene().open({ timings: { ...QUICK, append: 100, read: 100, settle: 500 } });
    await append(log, 'a', event());
    faults().freeze();
    const under = append(log, 'a', event());
    const started = Date.now();
    await log.close();

    expect(Date.now() - started).toBeLessThan(4_000);
    expect(await under).toMatchObject({ outcome: 'unknown' });
  });

  it('sees to it that a delete whose answer is lost has happened', async () => {
    const log = await scene().open();
    await append(log, 'a', event());
    faults().freeze();
    const deleted = log.deleteStream('a');
    faults().cutConnections();
    faults().thaw();

    expect(await deleted).toBe(true);
    expect(await log.readStream('a')).toEqual({ exists: false, events: [] });
  });
});
