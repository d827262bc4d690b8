import { describe, expect, it } from '@jest/globals';

import { SharedLooks } from './shared-looks.js';

/** Looks that end when they are told to. */
class Looks {
  readonly #ends: { readonly resolve: (answer: number) => void; readonly reject: (error: Error) => void }[] = [];

  readonly work = (): Promise<number> => new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));

  get begun(): number {
    return this.#ends.length;
  }

  end(nth: number): void {
    this.#ends[nth]?.resolve(nth);
  }

  fail(nth: number): void {
    this.#ends[nth]?.reject(new Error('gone'));
  }
}

describe('looks that are shared', () => {
  it('begin after the question, and are one for all who ask meanwhile', async () => {
    const looks = new Looks();
    const shared = new SharedLooks<string, number>();
    const first = shared.look('a', looks.work);
    const later = [shared.look('a', looks.work), shared.look('a', looks.work)];
    expect(looks.begun).toBe(1);
    looks.end(0);
    expect(await first).toBe(0);
    await Promise.resolve();
    expect(looks.begun).toBe(2);
    looks.end(1);
    expect(await Promise.all(later)).toEqual([1, 1]);
  });

  it('are begun anew after one that failed', async () => {
    const looks = new Looks();
    const shared = new SharedLooks<string, number>();
    const first = shared.look('a', looks.work);
    const second = shared.look('a', looks.work);
    looks.fail(0);
    await expect(first).rejects.toThrow('gone');
    await Promise.resolve();
    looks.end(1);
    expect(await second).toBe(1);
  });

  it('are not waited for when they hang, by who asks a while later', async () => {
    let now = 0;
    const looks = new Looks();
    const shared = new SharedLooks<string, number>(() => now);
    const hanging = shared.look('a', looks.work);
    const along = shared.look('a', looks.work);
    now = 501;
    const later = shared.look('a', looks.work);
    expect(looks.begun).toBe(2);
    looks.end(1);
    expect(await later).toBe(1);
    const last = shared.look('a', looks.work);
    looks.end(2);
    expect(await last).toBe(2);
    looks.end(0);
    expect(await hanging).toBe(0);
    await Promise.resolve();
    looks.end(3);
    expect(await along).toBe(3);
  });

  it('of other things do not wait for each other', async () => {
    const looks = new Looks();
    const shared = new SharedLooks<string, number>();
    void shared.look('a', looks.work);
    const other = shared.look('b', looks.work);
    looks.end(1);
    expect(await other).toBe(1);
  });
});
