import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineShop, given, putAttribute, valuesOf } from '../support/computed/shop.js';
import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

/** So many that the job goes through them range by range. */
const EVENTS = 16_000;
const CUSTOMERS = 500;

let service: Service;

beforeEach(async () => {
  service = await startService();
  await defineShop(service);
});

afterEach(async () => {
  await service.stop();
  killServices();
});

const orders = (): readonly JsonObject[] =>
  Array.from({ length: EVENTS }, (_, i) => ({
    _id: `e-${i}`,
    timestamp: new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString(),
    crmId: `c-${i % CUSTOMERS}`,
    total: 0.1,
  }));

const attribute = async () =>
  (await service.fetch('/v1/computed-attributes/spend')).body as { readonly status: string; readonly job: string };

describe('kill -9 while an attribute is filled in', () => {
  it('leaves it incomplete, and it is complete and exact some time after the restart', async () => {
    const all = orders();
    for (let from = 0; from < EVENTS; from += 4_000) await given(service, all.slice(from, from + 4_000));
    await valuesOf(service, 'c-0');
    await putAttribute(service, 'spend', { aggregate: 'SUM', path: 'total' });
    await service.fetch('/v1/computed-attributes/spend/publish', { method: 'POST', body: {} });
    const { job, status } = await attribute();
    expect(status).toBe('PROCESSING');
    await service.kill('SIGKILL');
    service = await service.restart();
    const ended = await waitForJob(service, job);
    expect(ended).toMatchObject({ state: 'succeeded', result: { ranges: 256, filledIn: true } });
    expect((await attribute()).status).toBe('PROCESSED');
    for (const customer of ['c-0', 'c-250', 'c-499']) {
      expect(await valuesOf(service, customer)).toEqual({ spend: { value: 3.2, complete: true } });
    }
    // The same partials as a fold of the whole log makes.
    const verify = await service.fetch('/v1/projections/profile/verify', { method: 'POST' });
    const verified = await waitForJob(service, (verify.body as { job: string }).job);
    expect(verified).toMatchObject({ state: 'succeeded', result: { differenceCount: 0 } });
  });
});
