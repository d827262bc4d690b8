import { describe, expect, it } from '@jest/globals';
import { type LoopClock, openLoop } from './open-loop.js';

/** A clock that moves only when somebody sleeps, or is made to jump. */
function handClock(): LoopClock & { jump(milliseconds: number): void } {
  let time = 1_000;
  return {
    now: () => time,
    sleepUntil: async (until) => {
      time = Math.max(time, until);
    },
    jump: (milliseconds) => {
      time += milliseconds;
    },
  };
}

const never = (): boolean => false;

describe('the open loop', () => {
  it('fires at fixed times', async () => {
    const clock = handClock();
    const shots: number[][] = [];

    await openLoop({ ratePerSecond: 100, shots: 4, stopped: never }, clock, async (shot, intendedAt) => {
      shots.push([shot, intendedAt, clock.now()]);
    });

    expect(shots).toEqual([
      [0, 1_000, 1_000],
      [1, 1_010, 1_010],
      [2, 1_020, 1_020],
      [3, 1_030, 1_030],
    ]);
  });

  it('does not wait for answers', async () => {
    const clock = handClock();
    const answers: (() => void)[] = [];

    const loop = openLoop({ ratePerSecond: 1_000, shots: 3, stopped: never }, clock, () => {
      return new Promise((resolve) => {
        answers.push(resolve);
        // Nobody has answered yet; the last one lets all of them go.
        if (answers.length === 3) answers.forEach((answer) => answer());
      });
    });

    await loop;
    expect(answers).toHaveLength(3);
  });

  it('fires at once what it is late with, and keeps the intended times', async () => {
    const clock = handClock();
    const late: number[] = [];

    await openLoop({ ratePerSecond: 100, shots: 5, stopped: never }, clock, async (shot, intendedAt) => {
      late.push(clock.now() - intendedAt);
      // A stall of 35 ms: the shots at 10, 20 and 30 ms go out late, the one at 40 ms in time.
      if (shot === 0) clock.jump(35);
    });

    expect(late).toEqual([0, 25, 15, 5, 0]);
  });

  it('ends early when it is stopped, after the answers under way', async () => {
    const clock = handClock();
    let fired = 0;

    await openLoop({ ratePerSecond: 100, shots: 1_000, stopped: () => fired >= 3 }, clock, async () => {
      fired += 1;
    });

    expect(fired).toBe(3);
  });
});
