import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { batchOf, endOfBatch, givenBatch, loaded, sendFile, spoolIsEmpty, type SentBatch } from '../support/batches.js';
import { defineCrm, order, sendItems, visit } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});

afterAll(async () => {
  await service.stop();
  killServices();
});

const lines = (...items: readonly unknown[]): string => items.map((item) => JSON.stringify(item)).join('\n');
const profile = async (id: string) => (await service.fetch(`/v1/profiles/CRMID/${id}`)).body;
const rejectedOf = async (id: string, query = '') =>
  (await service.fetch(`/v1/batches/${id}/rejected${query}`)).body as {
    readonly items: readonly { readonly line: number; readonly code: string; readonly errors: readonly unknown[] }[];
    readonly next?: string;
  };
const rows = (read: number, accepted: number, rejected = 0, duplicates = 0): SentBatch['rows'] => ({
  read,
  accepted,
  rejected,
  duplicates,
});

/** The batch follows its job by a moment. */
async function batchIs(id: string, status: string): Promise<void> {
  while ((await batchOf(service, id)).status !== status);
}

describe('a batch of records', () => {
  it('is visible once it is successful, and its file is gone then', async () => {
    const file = 'crmId,name.first,tags,visits\n201,Ona,a|b,3\n202,Ben,,\n';
    const { status, body, token } = await sendFile(service, 'crm/batches', file, { 'content-type': 'text/csv' });
    expect({ status, body }).toEqual({
      status: 202,
      body: { id: expect.stringMatching(/^[0-9a-f]{32}$/), status: 'received' },
    });
    expect(token).toBeDefined();
    const { id } = body as { id: string };

    const batch = await endOfBatch(service, id);

    // No token is sent: success says that everybody sees the rows.
    expect(await profile('201')).toMatchObject({
      attributes: { crmId: '201', name: { first: 'Ona' }, tags: ['a', 'b'], visits: 3 },
    });
    expect(batch).toEqual({
      id,
      dataset: 'crm',
      status: 'success',
      format: 'csv',
      bytes: file.length,
      rows: rows(2, 2),
      errors: [],
      warnings: [],
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    await spoolIsEmpty(service);
  });

  it('replaces in the order of the file, also without ids', async () => {
    const items = ['Rome', 'Oslo', 'Rome'].map((last) => ({ crmId: '210', name: { last } }));
    expect((await loaded(service, 'crm/batches?format=ndjson', lines(...items))).rows).toEqual(rows(3, 3));
    expect(await profile('210')).toMatchObject({ attributes: { name: { last: 'Rome' } } });
  });

  it('takes $messageId and refuses $ifRevision', async () => {
    const items = [
      { $messageId: 'm-1', crmId: '211' },
      { $ifRevision: 0, crmId: '212' },
    ];
    const batch = await loaded(service, 'crm/batches?format=json&partialIngestionPercentage=50', JSON.stringify(items));
    expect(batch).toMatchObject({
      status: 'success',
      rows: rows(2, 1, 1),
      errors: [{ code: 'NOT_SUPPORTED', count: 1 }],
    });
    const { body } = await sendItems(service, 'crm/records', [{ $messageId: 'm-1', crmId: '211' }]);
    expect(body.duplicates).toBe(1);
  });

  it('cannot be reverted', async () => {
    const { id } = await loaded(service, 'crm/batches?format=ndjson', lines({ crmId: '213' }));
    expect(await service.fetch(`/v1/batches/${id}/revert`, { method: 'POST' })).toMatchObject({
      status: 409,
      body: { code: 'BATCH_NOT_REVERTIBLE' },
    });
  });
});

describe('a batch of events', () => {
  it('counts what is there already as duplicates', async () => {
    const first = await loaded(service, 'orders/batches?format=ndjson', lines(order('b-1'), order('b-2')));
    const second = await loaded(service, 'orders/batches?format=ndjson', lines(order('b-2'), order('b-3')));
    expect(first.rows).toEqual(rows(2, 2));
    expect(second.rows).toEqual(rows(2, 1, 0, 1));
  });

  it('is reverted: its events and what they linked leave, and its file can be loaded again', async () => {
    const file = lines(
      visit('rev-1', '2024-05-01T10:00:00Z', 'cookie-r', { Email: [{ id: 'rev@x.org' }] }),
      visit('rev-2', '2024-05-01T11:00:00Z', 'cookie-s'),
    );
    await loaded(service, 'visits/batches?format=ndjson', lines(visit('keep-1', '2024-05-01T09:00:00Z', 'cookie-r')));
    const { id } = await loaded(service, 'visits/batches?format=ndjson', file);
    expect((await service.fetch('/v1/profiles/Email/rev@x.org')).status).toBe(200);

    const answer = await service.fetch(`/v1/batches/${id}/revert`, { method: 'POST' });
    expect(answer.status).toBe(202);
    const { job } = answer.body as { job: string };
    let state = 'requested';
    let result: unknown;
    while (state === 'requested') {
      ({ state, result } = (await service.fetch(`/v1/jobs/${job}`)).body as { state: string; result: unknown });
    }

    expect({ state, result }).toEqual({ state: 'succeeded', result: { fragments: 2 } });
    await batchIs(id, 'reverted');
    const { body } = await service.fetch('/v1/profiles/WEB/cookie-r');
    expect(body).toMatchObject({ events: { count: 1 }, identities: [{ namespace: 'WEB', id: 'cookie-r' }] });
    expect((await service.fetch('/v1/profiles/WEB/cookie-s')).status).toBe(404);
    expect((await service.fetch(`/v1/batches/${id}/revert`, { method: 'POST' })).body).toEqual({ job });
    expect(await loaded(service, 'visits/batches?format=ndjson', file)).toMatchObject({
      status: 'success',
      rows: rows(2, 2),
    });
    expect((await service.fetch('/v1/profiles/WEB/cookie-s')).status).toBe(200);
  });

  it('warns when its dataset is not enabled', async () => {
    const batch = await loaded(service, 'parked/batches?format=ndjson', lines(order('w-1')));
    expect(batch).toMatchObject({ status: 'success', warnings: [{ code: 'NOT_ENABLED', count: 1 }] });
  });
});

describe('bad rows', () => {
  const file = (good: number, bad: number, prefix: string): string =>
    ['crmId,visits', ...Array.from({ length: good + bad }, (_, i) => `${prefix}${i},${i < bad ? 'x' : i}`)].join('\n');

  it('up to the allowed share are told with their lines, and the others are loaded', async () => {
    const batch = await loaded(service, 'crm/batches?format=csv', file(95, 5, 'some-'));
    expect(batch).toMatchObject({
      status: 'success',
      rows: rows(100, 95, 5),
      errors: [{ code: 'SCHEMA_VIOLATION', count: 5 }],
    });
    const { items } = await rejectedOf(batch.id);
    expect(items.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
    expect(items[0]).toEqual({
      line: 2,
      code: 'SCHEMA_VIOLATION',
      errors: [{ path: 'visits', keyword: 'type', message: 'must be integer' }],
    });
    const page = await rejectedOf(batch.id, '?limit=3');
    expect(page.items).toHaveLength(3);
    expect((await rejectedOf(batch.id, `?limit=3&cursor=${page.next ?? ''}`)).items.map(({ line }) => line)).toEqual([
      5, 6,
    ]);
  });

  it('beyond it fail the batch, and no row is there', async () => {
    const batch = await loaded(service, 'crm/batches?format=csv', file(94, 6, 'more-'));
    expect(batch).toMatchObject({
      status: 'failed',
      failure: { code: 'TOO_MANY_BAD_ROWS' },
      rows: rows(100, 0, 6),
    });
    expect((await rejectedOf(batch.id)).items).toHaveLength(6);
    expect((await service.fetch('/v1/profiles/CRMID/more-50')).status).toBe(404);
    await spoolIsEmpty(service);
  });

  it('are kept up to 10,000, and all counted', async () => {
    const batch = await loaded(service, 'crm/batches?format=csv', file(0, 10_500, 'lots-'));
    expect(batch).toMatchObject({ status: 'failed', errors: [{ code: 'SCHEMA_VIOLATION', count: 10_500 }] });
    let kept = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await rejectedOf(batch.id, `?limit=1000${cursor && `&cursor=${cursor}`}`);
      kept += page.items.length;
      cursor = page.next;
    }
    expect(kept).toBe(10_000);
  });
});

describe('the same file again', () => {
  it('for the same dataset answers with the earlier batch, and is loaded again by force', async () => {
    const file = lines({ crmId: '301' });
    const first = await givenBatch(service, 'crm/batches?format=ndjson', file);
    expect(await sendFile(service, 'crm/batches?format=ndjson', file)).toMatchObject({
      status: 200,
      body: { id: first, duplicateOf: first },
    });
    await endOfBatch(service, first);
    expect(await sendFile(service, 'crm/batches?format=ndjson', file)).toMatchObject({
      status: 200,
      body: { id: first, status: 'success', duplicateOf: first },
    });
    const again = await loaded(service, 'crm/batches?format=ndjson&force=true', file);
    expect(again).toMatchObject({ status: 'success', duplicateOf: first, rows: rows(1, 1) });
    expect(again.id).not.toBe(first);
    expect((await loaded(service, 'loyalty/batches?format=ndjson', file)).duplicateOf).toBeUndefined();
  });

  it('is loaded again without force after a failure', async () => {
    const file = lines({ crmId: 7 });
    const first = await loaded(service, 'crm/batches?format=ndjson', file);
    expect(first.status).toBe('failed');
    const second = await loaded(service, 'crm/batches?format=ndjson&partialIngestionPercentage=100', file);
    expect(second).toMatchObject({ status: 'success', rows: rows(1, 0, 1) });
  });
});

describe('a batch', () => {
  const many = (prefix: string, count: number): string =>
    lines(...Array.from({ length: count }, (_, i) => order(`${prefix}${i}`, { crmId: `${prefix}${i % 50}` })));

  it('is aborted before it appends: the job has ended, and nothing is there', async () => {
    const id = await givenBatch(service, 'orders/batches?format=ndjson', many('abort-', 60_000));
    const { status, body } = await service.fetch(`/v1/batches/${id}/abort`, { method: 'POST' });
    expect(status).toBe(202);
    const { job } = body as { job: string };
    expect((await service.fetch(`/v1/jobs/${job}`)).body).toMatchObject({ kind: 'abort-batch', state: 'succeeded' });
    expect(await batchOf(service, id)).toMatchObject({ status: 'aborted', rows: rows(0, 0) });
    await spoolIsEmpty(service);
    expect((await service.fetch('/v1/profiles/CRMID/abort-1')).status).toBe(404);
    expect((await service.fetch(`/v1/batches/${id}/abort`, { method: 'POST' })).status).toBe(202);
  });

  it('is not aborted when it is successful', async () => {
    const { id } = await loaded(service, 'orders/batches?format=ndjson', lines(order('done-1')));
    expect(await service.fetch(`/v1/batches/${id}/abort`, { method: 'POST' })).toMatchObject({
      status: 409,
      body: { code: 'BATCH_NOT_ABORTABLE' },
    });
  });

  it('leaves queries their turn', async () => {
    const id = await givenBatch(service, 'orders/batches?format=ndjson', many('polite-', 30_000));
    const longest = { milliseconds: 0 };
    while (!['success', 'failed'].includes((await batchOf(service, id)).status)) {
      const began = performance.now();
      expect((await service.fetch('/health/live')).status).toBe(200);
      longest.milliseconds = Math.max(longest.milliseconds, performance.now() - began);
    }
    // A pass that never yielded would hold them up for seconds.
    expect(longest.milliseconds).toBeLessThan(1_000);
  });

  it('is found in the list of its sandbox, newest first, by dataset and status', async () => {
    const { id, dataset } = await loaded(service, 'visits/batches?format=ndjson', '{"_id":"v"}');
    const of = async (query: string) =>
      (await service.fetch(`/v1/batches?${query}`)).body as { items: SentBatch[]; next?: string };
    const all = await of('limit=1000');
    const times = all.items.map(({ startedAt }) => startedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect((await of('dataset=visits&status=failed')).items).toMatchObject([{ id, dataset, status: 'failed' }]);
    const failed = await of('status=failed&limit=1000');
    expect(failed.items.length).toBeGreaterThan(1);
    expect(new Set(failed.items.map(({ status }) => status))).toEqual(new Set(['failed']));
    const paged: string[] = [];
    for (let page = await of('limit=2'); ; page = await of(`limit=2&cursor=${page.next}`)) {
      paged.push(...page.items.map((item) => item.id));
      if (page.next === undefined) break;
    }
    expect(paged).toEqual(all.items.map((item) => item.id));
  });

  it('belongs to its sandbox', async () => {
    await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
    const { id } = await loaded(service, 'crm/batches?format=ndjson', lines({ crmId: '401' }));
    for (const path of [`/v1/batches/${id}`, `/v1/batches/${id}/rejected`]) {
      expect(await service.fetch(path, { sandbox: 'other' })).toMatchObject({
        status: 404,
        body: { code: 'BATCH_NOT_FOUND' },
      });
    }
    const aborted = await service.fetch(`/v1/batches/${id}/abort`, { method: 'POST', sandbox: 'other' });
    expect(aborted.status).toBe(404);
    expect((await service.fetch('/v1/batches', { sandbox: 'other' })).body).toEqual({ items: [] });
    expect((await service.fetch('/v1/batches/nonsense')).status).toBe(404);
  });

  it('survives a rebuild of its view, and the profiles of it do', async () => {
    for (const name of ['profile', 'batches']) {
      const { body } = await service.fetch(`/v1/projections/${name}/verify`, { method: 'POST' });
      const { job } = body as { job: string };
      let state = 'requested';
      let result: unknown;
      while (state === 'requested' || state === 'running') {
        ({ state, result } = (await service.fetch(`/v1/jobs/${job}`)).body as { state: string; result: unknown });
      }
      expect({ state, result }).toMatchObject({ state: 'succeeded', result: { differenceCount: 0 } });
    }
  });
});

describe('a file that is gzipped', () => {
  it('is taken as it is, with or without content-encoding', async () => {
    const plain = await sendFile(service, 'crm/batches?format=csv', gzipSync('crmId\n501\n'));
    const encoded = await sendFile(service, 'crm/batches', gzipSync('crmId\n502\n'), {
      'content-type': 'text/csv',
      'content-encoding': 'gzip',
    });
    for (const { body } of [plain, encoded]) {
      expect(await endOfBatch(service, (body as { id: string }).id)).toMatchObject({
        status: 'success',
        rows: rows(1, 1),
      });
    }
  });
});
