import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { batchWhen, endOfBatch, givenBatch } from '../support/batches.js';
import { defineCrm, given, order, sendItems } from '../support/crm-catalog.js';
import { waitForJob, type EndedJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

const FRAGMENTS = 6_000;

let service: Service;

beforeEach(async () => {
  service = await startService();
  await defineCrm(service);
});
afterEach(async () => {
  await service.stop();
  killServices();
});

const profile = (id: string, token?: string) => service.fetch(`/v1/profiles/CRMID/${id}`, { token });
const countsOf = async (dataset: string) =>
  ((await service.fetch(`/v1/datasets/${dataset}`)).body as { counts: Record<string, number> }).counts;

async function started(path: string, method: string, body?: object): Promise<string> {
  const answer = await service.fetch(path, { method, ...(body && { body }) });
  expect(answer).toMatchObject({ status: 202, body: { job: expect.any(String) } });
  expect(answer.token).toBeDefined();
  return (answer.body as { job: string }).job;
}

async function done(path: string, method: string, body?: object): Promise<EndedJob> {
  return waitForJob(service, await started(path, method, body));
}

const deleteData = (dataset: string) => done(`/v1/datasets/${dataset}/data`, 'DELETE');
const projection = (operation: string) => done(`/v1/projections/profile/${operation}`, 'POST');

/** Resolves when the job has appended something and is not at its end. Throws when it has ended before. */
async function inTheMiddle(job: string): Promise<void> {
  for (;;) {
    const { body } = await service.fetch(`/v1/jobs/${job}`);
    const { state, progress } = body as { state: string; progress?: { done: number } };
    if (state === 'succeeded' || state === 'failed') throw new Error(`the job has ended: ${JSON.stringify(body)}`);
    if ((progress?.done ?? 0) > 0) return;
    await delay(2);
  }
}

async function killAndRestart(): Promise<void> {
  await service.kill('SIGKILL');
  service = await service.restart();
}

describe('deleting the data of a dataset', () => {
  it('takes records and leaves those of other datasets', async () => {
    await given(service, 'crm/records', [{ crmId: '1', visits: 1 }, { crmId: '2' }]);
    await given(service, 'crm/upserts', [{ crmId: '3', visits: 3 }]);
    await given(service, 'loyalty/records', [{ crmId: '1', tags: ['gold'] }]);
    const job = await started('/v1/datasets/crm/data', 'DELETE');
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { fragments: 3 } });
    const { body } = await service.fetch(`/v1/jobs/${job}`);
    expect(body).toMatchObject({ id: job, kind: 'delete-dataset-data', dataset: 'crm' });
    expect(body).not.toHaveProperty('target');
    expect((await profile('1')).body).toMatchObject({
      attributes: { crmId: '1', tags: ['gold'] },
      sources: ['loyalty'],
    });
    expect((await profile('2')).status).toBe(404);
    expect((await profile('3')).status).toBe(404);
    expect(await countsOf('crm')).toMatchObject({ recordFragments: 0 });
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
  });

  it('takes events, releases their ids, and is done at once where nothing is left', async () => {
    await given(service, 'orders/events', [order('a'), order('b'), order('c', { crmId: '8' })]);
    expect(await deleteData('orders')).toMatchObject({ result: { fragments: 2 } });
    expect((await profile('7')).status).toBe(404);
    expect(await countsOf('orders')).toMatchObject({ events: 0 });
    expect(await deleteData('orders')).toMatchObject({ state: 'succeeded', result: { fragments: 0 } });
    const again = await sendItems(service, 'orders/events', [order('a')]);
    expect(again.body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await profile('7', again.token)).body).toMatchObject({ events: { count: 1 } });
  });

  it('takes what does not show, so that it never will', async () => {
    await given(service, 'parked/events', [order('a'), order('b', { crmId: '8' })]);
    expect(await deleteData('parked')).toMatchObject({ result: { fragments: 2 } });
    const token = await given(service, 'parked/events', [order('c')]);
    expect((await profile('7', token)).status).toBe(404);
    const ids = await sendItems(service, 'parked/events', [order('a')]);
    expect(ids.body).toMatchObject({ accepted: 1, duplicates: 0 });
  });

  it('is refused for a dataset that there is not, and touches no other sandbox', async () => {
    await service.fetch('/v1/sandboxes/dev', { method: 'PUT', body: { title: 'Development' } });
    const sandbox = { method: 'DELETE', sandbox: 'dev' };
    expect(await service.fetch('/v1/datasets/crm/data', sandbox)).toMatchObject({
      status: 404,
      body: { code: 'DATASET_NOT_FOUND' },
    });
    await defineCrm(service, 'dev');
    await given(service, 'crm/records', [{ crmId: '1' }]);
    const here = { 'x-sandbox-name': 'dev' };
    await sendItems(service, 'crm/records', [{ crmId: '1' }, { crmId: '2' }], here);
    const { body } = await service.fetch('/v1/datasets/crm/data', sandbox);
    const ended = await waitForJob(service, (body as { job: string }).job, 'dev');
    expect(ended).toMatchObject({ result: { fragments: 2 } });
    expect((await profile('1')).status).toBe(200);
    expect((await service.fetch('/v1/profiles/CRMID/1', { sandbox: 'dev' })).status).toBe(404);
  });

  it('goes on after kill -9; nothing returns, also after a rebuild, and what came in afterwards stays', async () => {
    const items = Array.from({ length: FRAGMENTS }, (_, i) => ({ $messageId: `m-${i}`, crmId: `c-${i}`, visits: i }));
    await profile('c-0', await given(service, 'crm/records', items));
    const job = await started('/v1/datasets/crm/data', 'DELETE');
    await inTheMiddle(job);
    // One that is deleted by now, one whose turn is yet to come, and one that is new.
    const news = ['c-0', `c-${FRAGMENTS - 1}`, 'new'].map((crmId) => ({ crmId, tags: ['later'] }));
    await given(service, 'crm/upserts', news);
    await killAndRestart();
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { fragments: FRAGMENTS } });
    const look = async () => {
      for (const { crmId } of news) {
        expect((await profile(crmId)).body).toMatchObject({ attributes: { crmId, tags: ['later'] } });
      }
      expect(((await profile('c-0')).body as { attributes: object }).attributes).not.toHaveProperty('visits');
      const last = (await profile(`c-${FRAGMENTS - 1}`)).body as { attributes: object };
      expect(last.attributes).not.toHaveProperty('visits');
      expect((await profile('c-3000')).status).toBe(404);
      expect(await countsOf('crm')).toMatchObject({ recordFragments: news.length });
    };
    await look();
    expect(await projection('verify')).toMatchObject({ state: 'succeeded', result: { differences: [] } });
    expect(await projection('rebuild')).toMatchObject({ state: 'succeeded' });
    await look();
    const again = await sendItems(service, 'crm/records', [{ $messageId: 'm-3000', crmId: 'c-3000', visits: 3_000 }]);
    expect(again.body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await profile('c-3000', again.token)).body).toMatchObject({ attributes: { visits: 3_000 } });
  });
});

describe('deleting a dataset', () => {
  it('takes its data, refuses new items, and frees its schema', async () => {
    await given(service, 'orders/events', [order('a')]);
    await given(service, 'parked/events', [order('p')]);
    const inUse = await service.fetch('/v1/schemas/order', { method: 'DELETE' });
    expect(inUse).toMatchObject({ status: 409, body: { code: 'SCHEMA_IN_USE' } });
    const job = await started('/v1/datasets/orders', 'DELETE');
    const refused = await sendItems(service, 'orders/events', [order('b')]);
    expect(refused).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } });
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { fragments: 1 } });
    expect((await service.fetch('/v1/datasets/orders')).status).toBe(404);
    expect((await profile('7')).status).toBe(404);
    const twice = await service.fetch('/v1/datasets/orders', { method: 'DELETE' });
    expect(twice).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } });
    await done('/v1/datasets/parked', 'DELETE');
    expect((await service.fetch('/v1/schemas/order', { method: 'DELETE' })).status).toBe(204);
    expect(await projection('verify')).toMatchObject({ state: 'succeeded', result: { differences: [] } });
  });

  it('ends a long request that brings items, and takes what that has written', async () => {
    const lines = (from: number) =>
      Array.from({ length: 5_000 }, (_, i) => JSON.stringify({ crmId: `s-${from + i}` })).join('\n') + '\n';
    let send: (chunk: Uint8Array) => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (chunk) => controller.enqueue(chunk);
      },
    });
    const answer = fetch(new URL('/v1/datasets/crm/records', service.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      duplex: 'half',
    });
    send(Buffer.from(lines(0)));
    while ((await profile('s-0')).status !== 200) await delay(5);
    const job = await started('/v1/datasets/crm', 'DELETE');
    send(Buffer.from(lines(5_000)));
    const ended = await answer;
    expect([ended.status, await ended.json()]).toEqual([404, expect.objectContaining({ code: 'DATASET_NOT_FOUND' })]);
    await waitForJob(service, job);
    expect((await service.fetch('/v1/profiles')).body).toEqual({ items: [] });
  });

  it('ends a batch that is loaded into it', async () => {
    const rows = Array.from({ length: 45_000 }, (_, i) => JSON.stringify(order(`e-${i}`, { crmId: `c-${i % 500}` })));
    const batch = await givenBatch(service, 'orders/batches?format=ndjson', rows.join('\n'));
    await batchWhen(service, batch, (at) => at.status === 'processing' && at.rows.accepted > 0);
    const job = await started('/v1/datasets/orders', 'DELETE');
    expect(await endOfBatch(service, batch)).toMatchObject({
      status: 'failed',
      failure: { code: 'DATASET_NOT_FOUND' },
    });
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded' });
    expect((await service.fetch('/v1/profiles')).body).toEqual({ items: [] });
  });

  it('and making one of its name, of another class, begins anew', async () => {
    await given(service, 'loyalty/records', [{ crmId: '7', tags: ['gold'] }]);
    const job = await started('/v1/datasets/loyalty', 'DELETE');
    const again = await service.fetch('/v1/datasets/loyalty', { method: 'PUT', body: { schema: 'order' } });
    expect(again.status).toBe(201);
    await service.fetch('/v1/datasets/loyalty/enable', { body: {} });
    const token = await given(service, 'loyalty/events', [order('a')]);
    await waitForJob(service, job);
    expect((await profile('7', token)).body).toMatchObject({ attributes: {}, events: { count: 1 } });
    await projection('rebuild');
    expect((await profile('7')).body).toMatchObject({ attributes: {}, events: { count: 1 } });
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
  });

  it('goes on after kill -9', async () => {
    const items = Array.from({ length: FRAGMENTS }, (_, i) => order(`e-${i}`, { crmId: `c-${i}` }));
    for (let from = 0; from < FRAGMENTS; from += 2_000) {
      await profile('c-0', await given(service, 'orders/events', items.slice(from, from + 2_000)));
    }
    const job = await started('/v1/datasets/orders', 'DELETE');
    await inTheMiddle(job);
    await killAndRestart();
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { fragments: FRAGMENTS } });
    expect((await service.fetch('/v1/profiles')).body).toEqual({ items: [] });
    expect((await service.fetch('/v1/datasets/orders')).status).toBe(404);
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
  });
});

describe('enabling a dataset with backfill', () => {
  const enable = (backfill = true) => done('/v1/datasets/late/enable', 'POST', { backfill });
  const eventIds = async (id: string) => {
    const { body } = await service.fetch(`/v1/profiles/CRMID/${id}/events`);
    return (body as { items: { id: string }[] }).items.map((event) => event.id).sort();
  };
  const put = (schema: string) => service.fetch('/v1/datasets/late', { method: 'PUT', body: { schema } });

  it('shows records as if it had been enabled from the start', async () => {
    await put('crm');
    await given(service, 'late/records', [
      { $messageId: 'm', crmId: '1', email: 'one@example.org', visits: 1 },
      { crmId: '2' },
    ]);
    await given(service, 'late/upserts', [{ crmId: '1', $append: { tags: ['a'] } }]);
    await given(service, 'crm/records', [{ crmId: '3' }]);
    expect((await profile('1')).status).toBe(404);
    expect(await enable()).toMatchObject({ state: 'succeeded', result: { fragments: 2 } });
    const shown = { attributes: { visits: 1, tags: ['a'] }, sources: ['late'] };
    expect((await profile('1')).body).toMatchObject(shown);
    expect((await service.fetch('/v1/profiles/Email/one@example.org')).body).toMatchObject(shown);
    expect((await service.fetch('/v1/datasets/late')).body).toMatchObject({ enabled: true });
    const again = await sendItems(service, 'late/records', [{ $messageId: 'm', crmId: '1', visits: 9 }]);
    expect(again.body).toMatchObject({ results: [{ code: 'ID_REUSED' }] });
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
  });

  it('shows events that came before it was enabled, and may be asked for afterwards too', async () => {
    await put('order');
    await given(service, 'late/events', [order('a'), order('b')]);
    const { status, body } = await service.fetch('/v1/datasets/late/enable', { body: { backfill: false } });
    expect([status, body]).toEqual([200, expect.objectContaining({ id: 'late', enabled: true })]);
    const token = await given(service, 'late/events', [order('c')]);
    await profile('7', token);
    expect(await eventIds('7')).toEqual(['c']);
    expect(await enable()).toMatchObject({ result: { fragments: 1 } });
    expect(await eventIds('7')).toEqual(['a', 'b', 'c']);
    await projection('rebuild');
    expect(await eventIds('7')).toEqual(['a', 'b', 'c']);
  });

  it('is refused like enabling, and starts nothing then', async () => {
    const unknown = await service.fetch('/v1/datasets/late/enable', { body: { backfill: true } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } });
    const schema = { title: 'X', class: 'profile', schema: { properties: {} }, identities: [], identityMap: true };
    await service.fetch('/v1/schemas/plain', { method: 'PUT', body: schema });
    await put('plain');
    const early = await service.fetch('/v1/datasets/late/enable', { body: { backfill: true } });
    expect(early).toMatchObject({ status: 409, body: { code: 'SCHEMA_NOT_ENABLED' } });
  });

  it('goes on after kill -9 and after it was disabled, which hides only what comes in from then on', async () => {
    await put('crm');
    const items = Array.from({ length: FRAGMENTS }, (_, i) => ({ crmId: `c-${i}`, visits: i }));
    await profile('c-0', await given(service, 'late/records', items));
    const job = await started('/v1/datasets/late/enable', 'POST', { backfill: true });
    await inTheMiddle(job);
    expect((await service.fetch('/v1/datasets/late/disable', { method: 'POST' })).status).toBe(200);
    await given(service, 'late/records', [{ crmId: 'hidden' }]);
    await killAndRestart();
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { fragments: FRAGMENTS } });
    expect((await profile(`c-${FRAGMENTS - 1}`)).body).toMatchObject({ attributes: { visits: FRAGMENTS - 1 } });
    expect((await profile('hidden')).status).toBe(404);
    expect((await service.fetch('/v1/datasets/late')).body).toMatchObject({ enabled: false });
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
  });
});
