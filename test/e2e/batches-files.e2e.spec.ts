import { request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';

import { givenBatch, endOfBatch, loaded, sendFile, spooledFiles } from '../support/batches.js';
import { defineCrm } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

const LIMITS = {
  TESSERA_BATCH_UPLOADS: '1',
  TESSERA_BATCH_FILE_MB: '2',
  TESSERA_BATCH_SPOOL_MB: '1',
  TESSERA_BATCH_EXPANDED_MB: '1',
};

let service: Service;

beforeAll(async () => {
  service = await startService({ env: LIMITS });
  await defineCrm(service);
});

afterAll(async () => {
  await service.stop();
  killServices();
});

const MEGABYTE = 1024 * 1024;
const failureOf = async (path: string, file: string | Uint8Array) => {
  const { status, failure } = await loaded(service, path, file);
  return [status, failure?.code];
};

function customers(): Buffer {
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'crmId', data: ['p-1', 'p-2'], type: 'STRING' },
        { name: 'visits', data: [3n, null], type: 'INT64' },
        { name: 'name.first', data: ['Ona', null], type: 'STRING' },
      ],
      codec: 'SNAPPY',
    }),
  );
}

describe('a Parquet file', () => {
  it.each([
    ['as it is', customers()],
    ['gzipped as a whole', gzipSync(customers())],
  ])('is loaded %s', async (_how, file) => {
    const { status, rows } = await loaded(service, 'crm/batches?format=parquet&force=true', file);
    expect({ status, rows }).toEqual({ status: 'success', rows: { read: 2, accepted: 2, rejected: 0, duplicates: 0 } });
    expect((await service.fetch('/v1/profiles/CRMID/p-1')).body).toMatchObject({
      attributes: { crmId: 'p-1', visits: 3, name: { first: 'Ona' } },
    });
  });

  it('is told by its content type', async () => {
    const { status } = await sendFile(service, 'loyalty/batches', customers(), {
      'content-type': 'application/vnd.apache.parquet',
    });
    expect(status).toBe(202);
  });

  it('with an integer that JSON cannot keep has its row refused', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'crmId', data: ['p-3', 'p-4'], type: 'STRING' },
        { name: 'visits', data: [9007199254740993n, 1n], type: 'INT64' },
      ],
    });
    const batch = await loaded(
      service,
      'crm/batches?format=parquet&partialIngestionPercentage=50',
      new Uint8Array(file),
    );
    expect(batch).toMatchObject({ status: 'success', errors: [{ code: 'NUMBER_OUT_OF_RANGE', count: 1 }] });
  });
});

describe('a file with rows of the wrong length', () => {
  it('has them refused with their lines, over quoted newlines', async () => {
    const file = 'crmId,name.first\nc-1,"two\nlines"\nc-2\nc-3,x,y\nc-4,z\n';
    const batch = await loaded(service, 'crm/batches?format=csv&partialIngestionPercentage=50', file);
    expect(batch).toMatchObject({ status: 'success', rows: { read: 4, accepted: 2, rejected: 2 } });
    const { body } = await service.fetch(`/v1/batches/${batch.id}/rejected`);
    expect(body).toMatchObject({
      items: [
        { line: 4, code: 'MALFORMED_ROW' },
        { line: 5, code: 'MALFORMED_ROW' },
      ],
    });
  });

  it('may have its cells separated otherwise', async () => {
    const batch = await loaded(
      service,
      'crm/batches?format=csv&delimiter=semicolon',
      'crmId;name.first\nc-5;Ona, dear\n',
    );
    expect(batch.status).toBe('success');
    expect((await service.fetch('/v1/profiles/CRMID/c-5')).body).toMatchObject({
      attributes: { name: { first: 'Ona, dear' } },
    });
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['csv', 'only a header', 'crmId\n', 'FILE_EMPTY'],
    ['ndjson', 'blank lines', '\n \n', 'FILE_EMPTY'],
    ['json', 'an empty array', '[]', 'FILE_EMPTY'],
    ['csv', 'Parquet inside', customers(), 'FORMAT_MISMATCH'],
    ['csv', 'Parquet inside, gzipped', gzipSync(customers()), 'FORMAT_MISMATCH'],
    ['csv', 'Latin-1', Buffer.from('crmId,name.first\n7,Ren\xe9\n', 'latin1'), 'FILE_NOT_UTF8'],
    ['csv', 'an unknown column', 'crmId,shoe\n7,42\n', 'COLUMNS_INVALID'],
    ['csv', 'a quote without end', 'crmId\n"7\n', 'FILE_TRUNCATED'],
    ['csv', 'gzip that is cut off', gzipSync('crmId\n7\n'.repeat(99)).subarray(0, -9), 'FILE_TRUNCATED'],
    ['json', 'an array without end', '[{"crmId":"7"}', 'FILE_TRUNCATED'],
    ['json', 'an object', '{"crmId":"7"}', 'FILE_MALFORMED'],
    ['parquet', 'CSV inside', 'crmId\n7\n', 'FORMAT_MISMATCH'],
    ['parquet', 'its end cut off', customers().subarray(0, -10), 'FILE_TRUNCATED'],
    ['ndjson', 'CSV inside', 'crmId\n7\n', 'TOO_MANY_BAD_ROWS'],
    ['ndjson', 'a bomb of gzip', gzipSync('{}\n'.repeat(MEGABYTE)), 'EXPANDED_TOO_LARGE'],
  ])('%s with %s fails its batch', async (format, _what, file, code) => {
    expect(await failureOf(`crm/batches?format=${format}&force=true`, file)).toEqual(['failed', code]);
  });
});

describe('an upload', () => {
  const problem = (status: number, code: string) => ({ status, body: { status, code } });

  it.each([
    ['nothing in it', 'crm/batches?format=csv', '', 422, 'FILE_EMPTY'],
    ['no format', 'crm/batches', 'crmId\n7\n', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an unknown format', 'crm/batches?format=xlsx', 'crmId\n7\n', 400, 'INVALID_REQUEST'],
    ['a delimiter for JSON', 'crm/batches?format=json&delimiter=tab', '[]', 400, 'INVALID_REQUEST'],
    ['a share over 100', 'crm/batches?format=csv&partialIngestionPercentage=101', 'x', 400, 'INVALID_REQUEST'],
    ['a dataset that is not there', 'nowhere/batches?format=csv', 'crmId\n7\n', 404, 'DATASET_NOT_FOUND'],
  ])('with %s is refused at once', async (_what, path, file, status, code) => {
    expect(await sendFile(service, path, file)).toMatchObject(problem(status, code));
  });

  it('in another encoding than gzip is refused', async () => {
    const answer = await sendFile(service, 'crm/batches?format=csv', 'x', { 'content-encoding': 'br' });
    expect(answer).toMatchObject(problem(415, 'UNSUPPORTED_MEDIA_TYPE'));
  });

  it('over its limit is refused, whether it says its size or not', async () => {
    const file = Buffer.alloc(3 * MEGABYTE, 'x');
    expect(await sendFile(service, 'crm/batches?format=csv', file)).toMatchObject(problem(413, 'FILE_TOO_LARGE'));
    expect(await chunked('/v1/datasets/crm/batches?format=csv', file)).toMatchObject({
      status: 429,
      code: 'SPOOL_FULL',
    });
  });

  it('for which there is no room is refused with the time to come again', async () => {
    const answer = await sendFile(service, 'crm/batches?format=csv', Buffer.alloc(1.5 * MEGABYTE, 'x'));
    expect(answer).toMatchObject(problem(429, 'SPOOL_FULL'));
    expect(answer.headers.get('retry-after')).toBe('1');
    // What was refused takes no room.
    expect((await loaded(service, 'crm/batches?format=csv', 'crmId\nroom-1\n')).status).toBe('success');
  });

  it('beside as many as are taken is refused, and one that breaks off leaves nothing', async () => {
    const held = request(new URL('/v1/datasets/crm/batches?format=csv', service.url), { method: 'POST' });
    held.on('error', () => undefined);
    held.write('crmId\n');
    while (!spooledFiles(service).some((name) => name.endsWith('.part'))) await nextTurn();
    let answer = await sendFile(service, 'crm/batches?format=csv', 'crmId\nheld-1\n');
    expect(answer).toMatchObject(problem(429, 'TOO_MANY_UPLOADS'));
    const closed = new Promise((resolve) => held.once('close', resolve));
    held.destroy();
    await closed;
    // Until the service has seen that it broke off.
    while (answer.status === 429) answer = await sendFile(service, 'crm/batches?format=csv', 'crmId\nheld-1\n');
    expect(answer.status).toBe(202);
    expect((await endOfBatch(service, (answer.body as { id: string }).id)).status).toBe('success');
  });

  it('is not mistaken for other bodies', async () => {
    const headers = { 'content-type': 'application/x-tessera-file' };
    const answer = await service.fetch('/v1/datasets/crm/records', { body: '[]', headers });
    expect(answer).toMatchObject(problem(415, 'UNSUPPORTED_MEDIA_TYPE'));
    expect(await givenBatch(service, 'crm/batches?format=json', '[{"crmId":"json-1"}]')).toMatch(/^[0-9a-f]{32}$/);
  });
});

/** Sends a body without saying how long it is. */
function chunked(path: string, body: Buffer): Promise<{ readonly status: number | undefined; readonly code: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, service.url), { method: 'POST' }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const answer = JSON.parse(Buffer.concat(parts).toString('utf8')) as { readonly code: unknown };
        resolve({ status: incoming.statusCode, code: answer.code });
      });
    });
    outgoing.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) outgoing.write(body.subarray(at, at + 65_536));
    outgoing.end();
  });
}
