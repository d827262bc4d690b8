import { describe, expect, it } from '@jest/globals';
import { type JsonAnswer, ServiceError } from './service-client.js';
import { untilVisible } from './visibility.js';

const NOT_YET = new ServiceError(503, 'NOT_YET_VISIBLE', 'not yet');

/** A service whose view is at these positions, one after the other, and which shows the write at the last one. */
function serviceAt(...positions: readonly string[]) {
  const left = [...positions];
  const get = async (path: string): Promise<JsonAnswer> => {
    if (path === '/v1/projections') {
      const position = left.length > 1 ? left.shift() : left[0];
      return { status: 200, body: [{ name: 'profile', state: 'live', position, lagSeconds: left.length }] };
    }
    if (left.length > 1) throw NOT_YET;
    return { status: 200, body: { items: [] } };
  };
  return { get };
}

describe('waiting until a write is visible', () => {
  it('ends at once when it is', async () => {
    const lags: number[] = [];

    await untilVisible(serviceAt('09'), '07', (lag) => lags.push(lag));

    expect(lags).toEqual([]);
  });

  it('goes on for as long as the view moves', async () => {
    const positions = Array.from({ length: 50 }, (_, index) => String(index).padStart(3, '0'));
    const lags: number[] = [];

    await untilVisible(serviceAt(...positions), '049', (lag) => lags.push(lag));

    expect(lags).toHaveLength(49);
    expect(lags.at(-1)).toBe(1);
  });

  it('gives up when the view stands, and says where to look', async () => {
    const standing = new Array<string>(20).fill('003');

    await expect(untilVisible(serviceAt(...standing), '049', () => undefined)).rejects.toThrow('tessera status');
  });

  it('passes on what else goes wrong', async () => {
    const get = () => Promise.reject(new ServiceError(503, 'PROJECTION_FAILED', 'stopped at an event'));

    await expect(untilVisible({ get }, '049', () => undefined)).rejects.toThrow('stopped at an event');
  });
});
