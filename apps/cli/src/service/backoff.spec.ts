import { describe, expect, it } from '@jest/globals';
import { untilTaken, type Waiting } from './backoff.js';
import type { HttpAnswer } from './http-call.js';

const WHERE = { method: 'POST', path: '/v1/datasets/crm/records' };

function answer(status: number, code = '', headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, text: code === '' ? '' : JSON.stringify({ code, detail: `because of ${code}` }) };
}

function connectionError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

/** Answers in turn; an error stands for a call that was never answered. Time moves only while somebody waits. */
function run(outcomes: readonly (HttpAnswer | Error)[], patienceMs = 60_000) {
  let time = 0;
  const waits: number[] = [];
  const waiting: Waiting = {
    now: () => time,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      time += milliseconds;
    },
  };
  const left = [...outcomes];
  const call = async (): Promise<HttpAnswer> => {
    const outcome = left.shift() ?? outcomes.at(-1);
    if (outcome === undefined) throw new Error('no outcome is left');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { waits, done: untilTaken(call, WHERE, { waiting, patienceMs, onRetry: () => undefined }) };
}

describe('repeating a request until it is taken', () => {
  it('repeats 429 and 503, waiting twice as long each time', async () => {
    const { waits, done } = run([answer(429, 'TOO_MANY_REQUESTS'), answer(503, 'LOG_UNAVAILABLE'), answer(202)]);

    expect((await done).status).toBe(202);
    expect(waits).toEqual([100, 200]);
  });

  it('repeats after connections that fail, a restart of the service long', async () => {
    const refused = connectionError('ECONNREFUSED');
    const { waits, done } = run([connectionError('ECONNRESET'), ...new Array<Error>(7).fill(refused), answer(202)]);

    expect((await done).status).toBe(202);
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('waits as long as the service asks for', async () => {
    const { waits, done } = run([answer(429, 'TOO_MANY_REQUESTS', { 'retry-after': '3' }), answer(202)]);

    await done;
    expect(waits).toEqual([3_000]);
  });

  it.each([202, 207, 400, 404, 413, 422, 500])('takes %i for an answer', async (status) => {
    const { waits, done } = run([answer(status)]);

    expect((await done).status).toBe(status);
    expect(waits).toEqual([]);
  });

  it('gives up when nobody has taken it for long enough, and says why', async () => {
    const { waits, done } = run([connectionError('ECONNREFUSED')], 1_000);

    await expect(done).rejects.toThrow('gave up after 1 s: connect ECONNREFUSED');
    expect(waits).toEqual([100, 200, 400]);
  });

  it('does not repeat what no repeat can cure', async () => {
    const { waits, done } = run([answer(503, 'LOG_READ_ONLY')]);

    await expect(done).rejects.toThrow('LOG_READ_ONLY');
    expect(waits).toEqual([]);
  });

  it('does not repeat after an error that is not of the connection', async () => {
    const { done } = run([new TypeError('Invalid character in header content')]);

    await expect(done).rejects.toThrow(TypeError);
  });
});
