import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { inParallel } from './in-parallel.js';

describe('work in parallel', () => {
  it('is done on everything, so much at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, (running += 1));
      await turn();
      running -= 1;
      done.push(item);
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('ends at once when there is nothing', async () => {
    await expect(inParallel([], 3, () => Promise.reject(new Error('never called')))).resolves.toBeUndefined();
  });

  it('fails with the first failure, when all that was begun has ended, and begins no more', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = inParallel([1, 2, 3, 4, 5], 3, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('the second');
      for (let i = 0; i < 3; i += 1) await turn();
      ended += 1;
      if (item === 3) throw new Error('the third');
    });
    await expect(work).rejects.toThrow('the second');
    expect(begun).toEqual([1, 2, 3]);
    expect(ended).toBe(2);
  });
});
