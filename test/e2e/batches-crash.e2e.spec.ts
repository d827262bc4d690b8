import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { batchOf, batchWhen, endOfBatch, givenBatch, spoolIsEmpty } from '../support/batches.js';
import { defineCrm, order } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

const ROWS = 45_000;

let service: Service;

beforeEach(async () => {
  service = await startService();
  await defineCrm(service);
});

afterEach(async () => {
  await service.stop();
  killServices();
});

const events = (): string =>
  Array.from({ length: ROWS }, (_, i) => JSON.stringify(order(`e-${i}`, { crmId: `c-${i % 500}` }))).join('\n');
/** Without ids, two rows for each owner: the second must win. */
const records = (): string =>
  ['crmId,visits', ...Array.from({ length: ROWS }, (_, i) => `r-${i % (ROWS / 2)},${i}`)].join('\n');

/** What the log has of a dataset: an event that was appended twice would be counted as a duplicate. */
const countsOf = async (dataset: string) =>
  ((await service.fetch(`/v1/datasets/${dataset}`)).body as { counts: Record<string, number> }).counts;

async function killAndRestart(): Promise<void> {
  await service.kill('SIGKILL');
  service = await service.restart();
}

describe('kill -9', () => {
  it('in the first pass: the batch begins it again and succeeds', async () => {
    const id = await givenBatch(service, 'orders/batches?format=ndjson', events());
    await batchWhen(service, id, ({ status }) => status === 'validating');
    await killAndRestart();
    expect(await endOfBatch(service, id)).toMatchObject({
      status: 'success',
      rows: { read: ROWS, accepted: ROWS, rejected: 0, duplicates: 0 },
    });
    expect(await countsOf('orders')).toMatchObject({ events: ROWS, duplicates: 0 });
  });

  it.each([
    ['events', 'orders/batches?format=ndjson', 'orders', events],
    ['records without ids', 'crm/batches?format=csv', 'crm', records],
  ])('in the second pass: %s are all there, once, in their order', async (_what, path, dataset, file) => {
    const id = await givenBatch(service, path, file());
    await batchWhen(service, id, ({ status, rows }) => status === 'processing' && rows.accepted > 0);
    await killAndRestart();
    expect(await endOfBatch(service, id)).toMatchObject({
      status: 'success',
      rows: { read: ROWS, accepted: ROWS, rejected: 0, duplicates: 0 },
    });
    expect(await countsOf(dataset)).toMatchObject({ duplicates: 0 });
    if (dataset === 'orders') expect(await countsOf(dataset)).toMatchObject({ events: ROWS });
    else {
      expect((await service.fetch('/v1/profiles/CRMID/r-7')).body).toMatchObject({
        attributes: { visits: ROWS / 2 + 7 },
      });
    }
    await spoolIsEmpty(service);
  });

  it('and the file is lost: the batch fails and the file can be sent again', async () => {
    const id = await givenBatch(service, 'orders/batches?format=ndjson', events());
    await batchWhen(service, id, ({ status }) => status === 'validating');
    await service.kill('SIGKILL');
    rmSync(join(service.dataDir, 'spool'), { recursive: true });
    service = await service.restart();
    expect(await endOfBatch(service, id)).toMatchObject({ status: 'failed', failure: { code: 'SPOOL_LOST' } });
    const again = await givenBatch(service, 'orders/batches?format=ndjson', events());
    expect(again).not.toBe(id);
    await service.fetch(`/v1/batches/${again}/abort`, { method: 'POST' });
  });
});

describe('SIGTERM', () => {
  it('ends the service in the middle of a batch, which goes on at the next start', async () => {
    const id = await givenBatch(service, 'orders/batches?format=ndjson', events());
    await batchWhen(service, id, ({ status }) => status === 'processing');
    expect((await service.kill('SIGTERM')).code).toBe(0);
    service = await service.restart();
    expect(['processing', 'success']).toContain((await batchOf(service, id)).status);
    expect(await endOfBatch(service, id)).toMatchObject({ status: 'success', rows: { accepted: ROWS, duplicates: 0 } });
    expect(await countsOf('orders')).toMatchObject({ events: ROWS, duplicates: 0 });
  });
});
