import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { batchStream, type BatchEvent, type CodeCount, type PassResult, type ReceivedFile } from '#batch';
import { refusalsStream } from '#core';
import { ITEMS_REFUSED } from '#profile';
import { ProjectionRunner } from '#projection';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../test/support/embedded-engines.js';
import {
  BATCHES_PROJECTION,
  batchesProjection,
  DATASET_REFUSALS,
  type DatasetRefusalsBody,
} from './batches.projection.js';
import { datasetCountsKey } from './documents.js';

const SANDBOX = 'sbx00001';
const result = (...errors: readonly CodeCount[]): PassResult => ({
  rows: { read: 10, accepted: 1, rejected: errors.reduce((sum, { count }) => sum + count, 0), duplicates: 0 },
  errors,
  warnings: [],
});
const violations = (count: number): CodeCount => ({ code: 'SCHEMA_VIOLATION', count });
const malformed = (count: number): CodeCount => ({ code: 'MALFORMED_ROW', count });

describe.each([1, 100])('what was refused of a dataset, %i events a page', (pageSize) => {
  let engines: EmbeddedEngines;
  let versions = 2_000;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  async function append(stream: string, dataset: string, events: readonly { type: string; data: object }[]) {
    const common = { sandbox: stream.includes('sbx00002') ? 'sbx00002' : SANDBOX, dataset, ingestedAt: 1 };
    const written = events.map(({ type, data }) => ({ id: randomUUID(), type, data: JSON.stringify(data) }));
    await engines.log.append({ common, writes: [{ stream, expected: 'any', events: written }] });
  }

  const request = (dataset: string, codes: readonly CodeCount[], sandbox = SANDBOX) =>
    append(refusalsStream(sandbox, dataset), dataset, [{ type: ITEMS_REFUSED, data: { codes } }]);

  async function batch(id: string, ...events: readonly BatchEvent[]): Promise<void> {
    const data = { id, sandbox: SANDBOX, dataset: 'crm', kind: 'record' } as ReceivedFile;
    const begun: readonly BatchEvent[] = [
      { type: 'BatchReceived', data },
      { type: 'BatchValidationStarted', data: {} },
    ];
    await append(batchStream(SANDBOX, id), 'crm', [...begun, ...events]);
  }

  async function codesOf(dataset: string, sandbox = SANDBOX): Promise<DatasetRefusalsBody['codes'] | undefined> {
    const { log, store } = engines;
    const version = { projection: BATCHES_PROJECTION, version: (versions += 1) };
    const runner = new ProjectionRunner({
      log,
      store,
      projection: batchesProjection(),
      version,
      poison: 'stop',
      pageSize,
    });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    const [found] = await store.reader(version).get(DATASET_REFUSALS.name, [datasetCountsKey(sandbox, dataset)]);
    return found && (JSON.parse(found.body) as DatasetRefusalsBody).codes;
  }

  it('adds up requests and batches by code, dataset by dataset', async () => {
    await request('crm', [violations(2)]);
    await request('orders', [malformed(1)]);
    await request('crm', [violations(100)], 'sbx00002');
    await batch(
      'a'.repeat(32),
      { type: 'BatchAccepted', data: result() },
      {
        type: 'BatchCompleted',
        data: result(violations(3), malformed(4)),
      },
    );
    await request('crm', [violations(1)]);
    expect(await codesOf('crm')).toEqual({ SCHEMA_VIOLATION: 6, MALFORMED_ROW: 4 });
    expect(await codesOf('orders')).toEqual({ MALFORMED_ROW: 1 });
    expect(await codesOf('crm', 'sbx00002')).toEqual({ SCHEMA_VIOLATION: 100 });
  });

  it('counts a batch once, when it has ended, be it as a failure', async () => {
    await batch('b'.repeat(32), { type: 'BatchRowsRejected', data: { rows: [] } });
    await batch('c'.repeat(32), { type: 'BatchAborted', data: {} });
    expect(await codesOf('crm')).toBeUndefined();
    const failed = { code: 'TOO_MANY_BAD_ROWS', message: '', ...result(malformed(9)) } as const;
    await append(batchStream(SANDBOX, 'b'.repeat(32)), 'crm', [{ type: 'BatchFailed', data: failed }]);
    expect(await codesOf('crm')).toEqual({ MALFORMED_ROW: 9 });
  });
});
