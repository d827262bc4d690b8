import { describe, expect, it } from '@jest/globals';

import { ProgressWatch } from './progress-watch.js';

const sighting = (now: number, position: string, head: string, ingestedAt?: number) => ({
  now,
  position,
  head,
  ingestedAt,
});

describe('the progress of a projection', () => {
  it('has no lag when there is nothing to fold', () => {
    const watch = new ProgressWatch();
    expect(watch.see('profile', sighting(1_000, '', ''))).toEqual({ lagSeconds: 0, stuckSeconds: 0 });
    expect(watch.see('profile', sighting(9_000_000, '05', '05', 1_000))).toEqual({ lagSeconds: 0, stuckSeconds: 0 });
  });

  it('lags by the age of what it has folded last', () => {
    const watch = new ProgressWatch();
    expect(watch.see('profile', sighting(9_000, '05', '09', 4_000)).lagSeconds).toBe(5);
  });

  it('does not count the idle time before new events came', () => {
    const watch = new ProgressWatch();
    watch.see('profile', sighting(60_000, '05', '05', 1_000));
    expect(watch.see('profile', sighting(61_000, '05', '06', 1_000)).lagSeconds).toBe(1);
  });

  it('is stuck only while it is behind and does not move', () => {
    const watch = new ProgressWatch();
    watch.see('profile', sighting(0, '05', '05'));
    expect(watch.see('profile', sighting(40_000, '05', '06')).stuckSeconds).toBe(0);
    expect(watch.see('profile', sighting(50_000, '05', '09')).stuckSeconds).toBe(10);
    expect(watch.see('profile', sighting(60_000, '06', '09')).stuckSeconds).toBe(0);
    expect(watch.see('profile', sighting(65_000, '06', '99')).stuckSeconds).toBe(5);
    expect(watch.see('profile', sighting(99_000, '99', '99')).stuckSeconds).toBe(0);
  });

  it('is kept apart by name', () => {
    const watch = new ProgressWatch();
    watch.see('profile', sighting(0, '05', '05'));
    expect(watch.see('catalog', sighting(7_000, '05', '06', 2_000)).lagSeconds).toBe(5);
  });
});
