import { describe, expect, it } from '@jest/globals';

import { Consumer, errorCode, event, logForEach, type EventLogFactory } from './event-log-under-test.js';

export function closeContract(factory: EventLogFactory): void {
  describe('a log that was closed', () => {
    const scene = logForEach(factory);

    it('is unavailable for everything', async () => {
      const { log, prefix } = scene();
      await scene().write('a', event());
      await log.close();

      expect(await errorCode(scene().write('a', event()))).toBe('LOG_UNAVAILABLE');
      expect(await errorCode(log.deleteStream(`${prefix}a`))).toBe('LOG_UNAVAILABLE');
      expect(await errorCode(log.readStream(`${prefix}a`))).toBe('LOG_UNAVAILABLE');
      expect(await errorCode(log.head())).toBe('LOG_UNAVAILABLE');
    });

    it('has finished the appends that were under way', async () => {
      const { log } = scene();
      const appends = Array.from({ length: 10 }, () => scene().write('a', event()));
      await log.close();
      await Promise.all(appends);
      await scene().reopen();

      expect(await scene().all()).toHaveLength(10);
    });

    it('can be closed again', async () => {
      const { log } = scene();
      await Promise.all([log.close(), log.close()]);
      await log.close();

      expect(await errorCode(log.head())).toBe('LOG_UNAVAILABLE');
    });

    it('has ended its subscriptions', async () => {
      const { log, prefix } = scene();
      const consumer = new Consumer(log.subscribe({ after: await log.head(), prefixes: [prefix] }));
      await consumer.page();
      const ended = consumer.hasEnded();
      await log.close();

      expect(await ended).toBe(true);
    });
  });
}
