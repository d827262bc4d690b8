import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { duration, leftText, startProgress } from './progress.js';

/** Somewhere that is no terminal, and a clock that is set by hand. */
function output() {
  const stream = new PassThrough().setEncoding('utf8') as unknown as NodeJS.WriteStream;
  const clock = { time: 0 };
  const text = (): string => String(stream.read() ?? '');
  return { clock, text, to: { stream, now: () => clock.time } };
}

describe('progress where nobody looks', () => {
  it('is a line every two seconds, and one at the end', () => {
    const { clock, text, to } = output();
    const progress = startProgress('loading', to);

    for (clock.time = 500; clock.time <= 4_500; clock.time += 500) {
      progress.update({ ratio: clock.time / 10_000, text: `${clock.time} items` });
    }
    progress.stop();

    expect(text().split('\n')).toEqual([
      'loading 20% 2000 items  8 s left',
      'loading 40% 4000 items  6 s left',
      'loading 45% 4500 items',
      '',
    ]);
  });

  it('says no percentage when nobody knows the end', () => {
    const { text, to } = output();
    const progress = startProgress('loading', to);

    progress.update({ ratio: undefined, text: '10 items' });
    progress.stop();

    expect(text()).toBe('loading 10 items\n');
  });
});

describe('the time left', () => {
  it.each([
    [0.25, undefined, 10_000, '30 s left'],
    [0.25, 7, 10_000, '7 s left'],
    [0.001, undefined, 10_000, ''],
    [undefined, undefined, 10_000, ''],
    [1, undefined, 10_000, ''],
  ])('at a ratio of %p, told %p, after %p ms, is "%s"', (ratio, remainingSeconds, elapsed, text) => {
    expect(leftText({ ratio, remainingSeconds, text: '' }, elapsed)).toBe(text);
  });

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
