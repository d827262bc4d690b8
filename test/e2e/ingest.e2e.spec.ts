import { request } from 'node:http';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { defineCrm, order, sendItems, sendLines } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

const profile = (id: string, token?: string) => service.fetch(`/v1/profiles/CRMID/${id}`, { token });
const fragment = (id: string, token?: string) => service.fetch(`/v1/datasets/crm/fragments/CRMID/${id}`, { token });
const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join('\n');

describe('a JSON array of records', () => {
  it('is answered item by item, as the contract shows', async () => {
    const items = [{ crmId: 'a1', name: { first: 'Ona', last: 'Li' }, tags: ['a'] }, { crmId: 7 }];
    const { status, body, token } = await sendItems(service, 'crm/records', items);
    expect(status).toBe(207);
    expect(body).toEqual({
      accepted: 1,
      rejected: 1,
      duplicates: 0,
      results: [
        {
          index: 1,
          status: 'rejected',
          code: 'SCHEMA_VIOLATION',
          errors: [{ path: 'crmId', keyword: 'type', message: 'must be string' }],
        },
      ],
    });
    expect(await profile('a1', token)).toMatchObject({ status: 200, body: { attributes: items[0] } });
  });

  it('is 202 with nothing rejected, 422 with all, and 202 when it is empty', async () => {
    expect((await sendItems(service, 'crm/records', [{ crmId: 'a2' }])).status).toBe(202);
    expect((await sendItems(service, 'crm/records', [{ crmId: 2 }, {}])).status).toBe(422);
    expect((await sendItems(service, 'crm/records', [])).body).toMatchObject({ accepted: 0, rejected: 0 });
  });

  it('applies items of one fragment in request order', async () => {
    const items = Array.from({ length: 1_200 }, (_, i) => ({ crmId: 'a3', visits: i }));
    const { token } = await sendItems(service, 'crm/records', items);
    expect(await fragment('a3', token)).toMatchObject({ body: { attributes: { visits: 1_199 }, revision: 1_199 } });
  });
});

describe('NDJSON', () => {
  it('may have blank lines, CRLF, a byte order mark and no end of its last line', async () => {
    const { status, body, token } = await sendLines(
      service,
      'crm/records',
      '\ufeff{"crmId":"b1"}\r\n\r\n{"crmId":1}\n  \n{"crmId":"b2"}',
    );
    expect(status).toBe(207);
    expect(body).toMatchObject({ accepted: 2, rejected: 1, results: [{ index: 1, line: 3, status: 'rejected' }] });
    expect((await profile('b1', token)).status).toBe(200);
    expect((await profile('b2', token)).status).toBe(200);
  });

  it('may be compressed, as JSON may', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const ndjson = await sendLines(service, 'crm/records', gzipSync('{"crmId":"b3"}\n'), gzip);
    expect(ndjson.body).toMatchObject({ accepted: 1 });
    const json = await service.fetch('/v1/datasets/crm/records', { body: gzipSync('[{"crmId":"b4"}]'), headers: gzip });
    expect(json.body).toMatchObject({ accepted: 1 });
  });

  it('is taken in memory that does not grow with a line', async () => {
    const before = await residentBytes();
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const body = await sendStream('orders/events', async function* () {
      yield `${JSON.stringify(order('long-1'))}\n{"_id":"`;
      for (let i = 0; i < 150; i += 1) yield megabyte;
      yield `"}\n${JSON.stringify(order('long-2'))}\n`;
    });
    expect(JSON.parse(body)).toMatchObject({
      accepted: 2,
      rejected: 1,
      results: [{ index: 1, line: 2, code: 'ITEM_TOO_LARGE' }],
    });
    expect((await residentBytes()) - before).toBeLessThan(75 * 1024 * 1024);
  });

  it('keeps what came before the client went away, and goes on serving', async () => {
    const first = lines(Array.from({ length: 2_000 }, (_, i) => order(`cut-${i}`, { crmId: 'cut' })));
    await breakOff('orders/events', `${first}\n{"_id":"half`);
    const after = await sendItems(service, 'orders/events', [
      order('cut-0', { crmId: 'cut' }),
      order('after', { crmId: 'cut' }),
    ]);
    expect(after.status).toBe(202);
    const events = await service.fetch('/v1/profiles/CRMID/cut/events?limit=1000', { token: after.token });
    const { items } = events.body as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).not.toContain('half');
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });
});

describe('what a request can ask for', () => {
  it('results=all lists every item with its revision', async () => {
    const { body } = await sendItems(service, 'crm/records?results=all', [
      { crmId: 'q1' },
      { crmId: 1 },
      { crmId: 'q1' },
    ]);
    expect(body.results).toMatchObject([
      { index: 0, status: 'accepted', revision: 0 },
      { index: 1, status: 'rejected' },
      { index: 2, status: 'accepted', revision: 1 },
    ]);
  });

  it('dryRun=true validates and writes nothing', async () => {
    const { status, body, token } = await sendItems(service, 'crm/records?dryRun=true', [
      { crmId: 'q2' },
      { crmId: 2 },
    ]);
    expect({ status, token }).toEqual({ status: 207, token: undefined });
    expect(body).toMatchObject({ accepted: 1, rejected: 1 });
    const later = await sendItems(service, 'crm/records', [{ crmId: 'q3' }]);
    expect((await profile('q2', later.token)).status).toBe(404);
  });

  it('lists at most 1,000 results and says so', async () => {
    const { body } = await sendItems(
      service,
      'crm/records',
      Array.from({ length: 1_001 }, () => ({ crmId: 1 })),
    );
    expect(body).toMatchObject({ rejected: 1_001, truncated: true });
    expect(body.results).toHaveLength(1_000);
  });
});

describe('what is accepted with a warning', () => {
  it('an item for a dataset that is not enabled, which does not show', async () => {
    const { status, body, token } = await sendItems(service, 'parked/events', [order('p1', { crmId: 'w1' })]);
    expect(status).toBe(202);
    expect(body.results).toMatchObject([{ index: 0, status: 'accepted', code: 'NOT_ENABLED' }]);
    expect((await profile('w1', token)).status).toBe(404);
  });

  it('an item with a blocked identity beside its owner, which is left out', async () => {
    const { body, token } = await sendItems(service, 'crm/records', [{ crmId: 'w2', email: ' N/A ' }]);
    expect(body.results).toMatchObject([
      {
        index: 0,
        status: 'accepted',
        code: 'IDENTITY_BLOCKED',
        errors: [{ path: 'email', keyword: 'IDENTITY_BLOCKED' }],
      },
    ]);
    expect(await profile('w2', token)).toMatchObject({ body: { identities: [{ namespace: 'CRMID', id: 'w2' }] } });
  });
});

describe('sandboxes', () => {
  it('do not see each other', async () => {
    const created = await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
    expect(created.status).toBe(201);
    await defineCrm(service, 'other');
    const sent = await sendItems(service, 'crm/records', [{ crmId: 's1', $messageId: 'm' }], {
      'x-sandbox-name': 'other',
    });
    const { token } = sent;
    expect((await profile('s1', token)).status).toBe(404);
    const there = await service.fetch('/v1/profiles/CRMID/s1', { sandbox: 'other', token });
    expect(there.status).toBe(200);
    const { profileId } = there.body as { profileId: string };
    expect((await service.fetch(`/v1/profiles/${profileId}`, { token })).status).toBe(404);
    expect((await service.fetch(`/v1/profiles/${profileId}`, { sandbox: 'other', token })).status).toBe(200);
    expect((await service.fetch('/v1/datasets/crm/fragments/CRMID/s1', { token })).status).toBe(404);
    const same = await sendItems(service, 'crm/records', [{ crmId: 's1', $messageId: 'm' }]);
    expect(same.body).toMatchObject({ accepted: 1, duplicates: 0 });
  });
});

async function residentBytes(): Promise<number> {
  const { body } = await service.fetch('/metrics');
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(body as string)?.[1]);
}

function open(path: string) {
  const url = new URL(`/v1/datasets/${path}`, service.url);
  return request(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
}

async function sendStream(path: string, chunks: () => AsyncIterable<string | Buffer>): Promise<string> {
  const sending = open(path);
  const answered = new Promise<string>((resolve, reject) => {
    sending.on('error', reject).on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve(text));
    });
  });
  for await (const chunk of chunks()) {
    if (!sending.write(chunk)) await new Promise((drained) => sending.once('drain', drained));
  }
  sending.end();
  return answered;
}

/** Sends what it is given and closes the connection in the middle of the body. */
function breakOff(path: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    const sending = open(path);
    sending.on('error', () => undefined).on('close', resolve);
    sending.write(text, () => sending.destroy());
  });
}
