import { describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';
import type { EventPage, RecordedEvent, SubscribeOptions } from '#event-log';

import {
  Consumer,
  errorCode,
  event,
  events,
  pagesUntil,
  pagesUntilCaughtUp,
  sceneForEach,
  type EventLogFactory,
} from './event-log-under-test.js';

const idsOf = (found: readonly RecordedEvent[]): string[] => found.map(({ id }) => id);

export function subscribeContract(factory: EventLogFactory): void {
  describe('subscribe', () => {
    const scene = sceneForEach(factory);
    const subscribe = (options: Partial<SubscribeOptions> = {}): Consumer =>
      new Consumer(scene().log.subscribe({ after: POSITION_START, prefixes: [scene().prefix], ...options }));

    it('shows from the start what readStream shows, in log order', async () => {
      const given = [
        ['a', events(3)],
        ['b', events(2)],
        ['a', events(3)],
      ] as const;
      for (const [name, written] of given) await scene().write(name, ...written);
      const found = await scene().all();

      expect(idsOf(found)).toEqual(given.flatMap(([, written]) => written.map(({ id }) => id)));
      const streams = await Promise.all(['a', 'b'].map((name) => scene().log.readStream(scene().stream(name))));
      const fromStreams = streams.flatMap((slice) => slice.events);
      expect([...found].sort((x, y) => (x.position < y.position ? -1 : 1))).toEqual(found);
      expect([...fromStreams].sort((x, y) => (x.position < y.position ? -1 : 1))).toEqual(found);
    });

    it('begins behind the position it is given', async () => {
      await scene().write('a', ...events(10));
      const all = await scene().all();

      for (const index of [0, 4, 9]) {
        expect(await scene().all({ after: all[index]!.position })).toEqual(all.slice(index + 1));
      }
    });

    it('goes on from the position of any page without a gap and without a repeat', async () => {
      for (const name of ['a', 'b', 'c']) await scene().write(name, ...events(7));
      const all = await scene().all();
      const pages = await pagesUntilCaughtUp(scene().log, {
        after: POSITION_START,
        prefixes: [scene().prefix],
        pageSize: 4,
      });

      let seen = 0;
      for (const { events: found, position } of pages) {
        seen += found.length;
        expect(await scene().all({ after: position, pageSize: 3 })).toEqual(all.slice(seen));
      }
      expect(seen).toBe(21);
    });

    it('never fills a page over its size', async () => {
      await scene().write('a', ...events(25));
      const options = { after: POSITION_START, prefixes: [scene().prefix], pageSize: 10 };
      const pages = await pagesUntilCaughtUp(scene().log, options);

      expect(Math.max(...pages.map((page) => page.events.length))).toBe(10);
      expect(pages.flatMap((page) => page.events)).toHaveLength(25);
    });

    it('ends a page when it holds enough bytes', async () => {
      const data = JSON.stringify('x'.repeat(1_000));
      await scene().write('a', ...events(10).map((it) => ({ ...it, data })));
      const options = { after: POSITION_START, prefixes: [scene().prefix], pageBytes: 2_500 };
      const pages = await pagesUntilCaughtUp(scene().log, options);

      expect(Math.max(...pages.map((page) => page.events.length))).toBeLessThanOrEqual(3);
      expect(pages.flatMap((page) => page.events)).toHaveLength(10);
    });

    it('gives an event that is larger than a page a page', async () => {
      await scene().write('a', ...events(3));
      const pages = await pagesUntilCaughtUp(scene().log, {
        after: POSITION_START,
        prefixes: [scene().prefix],
        pageBytes: 1,
      });

      expect(pages.flatMap((page) => page.events)).toHaveLength(3);
    });

    it('gives large pages in whole', async () => {
      await Promise.all(Array.from({ length: 15 }, (_, index) => scene().write(`s${index}`, ...events(1_000))));
      const found = await scene().all({ pageSize: 20_000 });

      expect(found).toHaveLength(15_000);
      expect(new Set(idsOf(found)).size).toBe(15_000);
    });

    it('tells at once that there is nothing behind the head', async () => {
      const position = await scene().write('a', event());
      const consumer = subscribe({ after: await scene().log.head() });
      const page = await consumer.page();
      await consumer.end();

      expect(page.events).toEqual([]);
      expect(page.caughtUp).toBe(true);
      expect(page.position >= position).toBe(true);
    });

    it('shows what is appended later', async () => {
      const consumer = subscribe();
      await consumer.page();
      for (let round = 0; round < 5; round += 1) {
        const given = event(round);
        const next = consumer.pageWithEvents();
        const position = await scene().write('a', given);
        const page = await next;

        expect(idsOf(page.events)).toEqual([given.id]);
        expect(page.position >= position).toBe(true);
        expect(page.events[0]!.position).toBe(position);
      }
      await consumer.end();
    });

    it('shows each event once and in order while others append', async () => {
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 25; round += 1) await scene().write(`s${writer}`, ...events(3));
      });
      const found: RecordedEvent[] = [];
      const options = { after: POSITION_START, prefixes: [scene().prefix], pageSize: 7 };
      await pagesUntil(scene().log, options, (page) => {
        found.push(...page.events);
        return found.length >= 600;
      });
      await Promise.all(writers);

      expect(idsOf(found)).toEqual(idsOf(await scene().all()));
      expect(found).toHaveLength(600);
    });

    it('shows only streams whose names begin with one of the prefixes', async () => {
      const { prefix } = scene();
      for (const name of ['one-1', 'one-2', 'two-1', 'three-1', 'x-one-1', 'on', 'ONE-1', '%-1', '_-1', '*']) {
        await scene().write(name, event());
      }
      const elsewhere = { stream: `x-${prefix}one-3`, expected: 'any', events: [event()] } as const;
      await scene().log.append({ common: {}, writes: [elsewhere] });
      const names = async (...prefixes: string[]): Promise<string[]> => {
        const found = await scene().all({ prefixes: prefixes.map((it) => prefix + it) });
        return found.map(({ stream }) => stream.slice(prefix.length));
      };

      expect(await names('one-')).toEqual(['one-1', 'one-2']);
      expect(await names('one-2', 'three-')).toEqual(['one-2', 'three-1']);
      expect(await names('one-', 'one')).toEqual(['one-1', 'one-2']);
      expect(await names('%')).toEqual(['%-1']);
      expect(await names('_')).toEqual(['_-1']);
      expect(await names('*')).toEqual(['*']);
      expect(await names('four')).toEqual([]);
    });

    it('moves its position over what the filter leaves out', async () => {
      await scene().write('mine', event());
      const last = await scene().write('others', ...events(30));
      const consumer = subscribe({ prefixes: [scene().stream('mine')] });
      let page = await consumer.page();
      while (page.position < last) page = await consumer.page();

      expect(page.position >= last).toBe(true);
      await consumer.end();
    });

    it('tells while it idles how far the log has come', async () => {
      const consumer = subscribe({ prefixes: [scene().stream('mine')] });
      await consumer.page();
      for (let round = 0; round < 3; round += 1) {
        const last = await scene().write('others', event());
        let page = await consumer.page();
        while (page.position < last) page = await consumer.page();
        expect(page.events).toEqual([]);
      }
      await consumer.end();
    });

    it('serves several consumers, each at its own pace', async () => {
      await scene().write('a', ...events(10));
      const fast = subscribe({ pageSize: 10 });
      const slow = subscribe({ pageSize: 3 });
      const first = await slow.pageWithEvents();
      const all = await fast.pageWithEvents();
      await scene().write('a', ...events(10));
      const seenByFast = [...all.events];
      const seenBySlow = [...first.events];
      while (seenByFast.length < 20) seenByFast.push(...(await fast.page()).events);
      while (seenBySlow.length < 20) seenBySlow.push(...(await slow.page()).events);
      await fast.end();
      await slow.end();

      expect(seenBySlow).toEqual(seenByFast);
      expect(seenByFast).toEqual(await scene().all());
    });

    it('ends without an error when the signal aborts while it waits', async () => {
      const abort = new AbortController();
      const consumer = subscribe({ signal: abort.signal, after: await scene().log.head() });
      await consumer.page();
      const ended = consumer.hasEnded();
      abort.abort();

      expect(await ended).toBe(true);
    });

    it('ends without an error when the signal aborts between two pages', async () => {
      await scene().write('a', ...events(10));
      const abort = new AbortController();
      const seen: EventPage[] = [];
      const options = { after: POSITION_START, prefixes: [scene().prefix], pageSize: 2, signal: abort.signal };
      for await (const page of scene().log.subscribe(options)) {
        seen.push(page);
        if (page.events.length > 0) abort.abort();
      }

      expect(seen.flatMap((page) => page.events)).toHaveLength(2);
    });

    it('ends before it begins when the signal has aborted', async () => {
      await scene().write('a', event());

      expect(await subscribe({ signal: AbortSignal.abort() }).hasEnded()).toBe(true);
    });

    it('refuses a position that is none', async () => {
      expect(await errorCode(subscribe({ after: 'not a position' }).page())).toBe('INVALID_REQUEST');
    });

    it('shows the same with the same positions after a restart', async () => {
      await scene().write('a', ...events(5));
      const [first, ...rest] = await scene().all();
      await scene().reopen();

      expect(await scene().all({ after: first!.position })).toEqual(rest);
    });
  });
}
