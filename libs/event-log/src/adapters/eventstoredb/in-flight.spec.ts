import { describe, expect, it } from '@jest/globals';

import { InFlight } from './in-flight.js';

/** Begins a task that lasts until it is finished by hand. */
function begin(inFlight: InFlight, bytes: number, begun: number[]): { finish(): Promise<void> } {
  let finish: () => void = () => undefined;
  const lasting = new Promise<void>((resolve) => (finish = resolve));
  const done = inFlight.run(bytes, () => {
    begun.push(bytes);
    return lasting;
  });
  return {
    finish: () => {
      finish();
      return done;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('appends in flight', () => {
  it('are 32 at most', async () => {
    const begun: number[] = [];
    const inFlight = new InFlight();
    const tasks = Array.from({ length: 40 }, (_, index) => begin(inFlight, index, begun));
    await turn();
    expect(begun).toHaveLength(32);

    await tasks[5]!.finish();
    await turn();
    expect(begun).toEqual(Array.from({ length: 33 }, (_, index) => index));
  });

  it('have 512 KB at most, and keep their order', async () => {
    const begun: number[] = [];
    const inFlight = new InFlight();
    const [first] = [300_000, 200_000, 100_000, 1].map((bytes) => begin(inFlight, bytes, begun));
    await turn();
    expect(begun).toEqual([300_000, 200_000]);

    await first!.finish();
    await turn();
    expect(begun).toEqual([300_000, 200_000, 100_000, 1]);
  });

  it('are alone when larger', async () => {
    const begun: number[] = [];
    const inFlight = new InFlight();
    const [first, large] = [10, 900_000, 20].map((bytes) => begin(inFlight, bytes, begun));
    await turn();
    expect(begun).toEqual([10]);

    await first!.finish();
    await turn();
    expect(begun).toEqual([10, 900_000]);

    await large!.finish();
    await turn();
    expect(begun).toEqual([10, 900_000, 20]);
  });

  it('make room when they fail', async () => {
    const inFlight = new InFlight();
    await expect(inFlight.run(900_000, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(inFlight.run(900_000, () => Promise.resolve('done'))).resolves.toBe('done');
  });
});
