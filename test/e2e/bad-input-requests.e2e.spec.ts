import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { defineCrm, order, sendItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

/** Whatever was sent, the service answers the next request and has nothing to report as an error of its own. */
afterEach(async () => {
  expect((await service.fetch('/health/live')).status).toBe(200);
  expect(service.stderr).not.toContain('"level":50');
});

/** A neighbour in the same request, which must not suffer. */
const GOOD = '{"crmId":"good"}';

describe('a body that cannot be read', () => {
  it.each<[name: string, body: string | Buffer, offset: number]>([
    ['nothing', '', 0],
    ['an object', '{"crmId":"7"}', 0],
    ['an array that does not end', `[${GOOD}`, 17],
    ['an array with a broken item', `[${GOOD},{"crmId":}]`, 18],
    ['a comma too many', `[${GOOD},]`, 18],
    ['something behind the array', `[${GOOD}] x`, 19],
    ['invalid UTF-8', Buffer.concat([Buffer.from('["'), Buffer.from([0xc3]), Buffer.from('"]')]), 1],
  ])('%s', async (_name, body, offset) => {
    const answer = await service.fetch('/v1/datasets/crm/records', { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'MALFORMED_BODY', status: 400, ...(offset > 0 && { offset }) });
  });

  it('writes nothing when it breaks late', async () => {
    const items = Array.from({ length: 3_000 }, () => '{"crmId":"never"}').join();
    expect((await service.fetch('/v1/datasets/crm/records', { body: `[${items},{]` })).status).toBe(400);
    const { token } = await sendItems(service, 'crm/records', [{ crmId: 'good' }]);
    expect((await service.fetch('/v1/profiles/CRMID/never', { token })).status).toBe(404);
  });

  it.each<[name: string, headers: Record<string, string>, status: number, code: string]>([
    ['another media type', { 'content-type': 'text/csv' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['another compression', { 'content-encoding': 'br' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['gzip that is none', { 'content-encoding': 'gzip' }, 400, 'MALFORMED_BODY'],
    [
      'NDJSON as gzip that is none',
      { 'content-encoding': 'gzip', 'content-type': 'application/x-ndjson' },
      400,
      'MALFORMED_BODY',
    ],
    ['an Idempotency-Key with a space', { 'idempotency-key': 'a b' }, 400, 'INVALID_REQUEST'],
  ])('%s', async (_name, headers, status, code) => {
    const answer = await service.fetch('/v1/datasets/crm/records', { body: `[${GOOD}]`, headers });
    expect(answer).toMatchObject({ status, body: { code, status } });
  });

  it('a JSON array over 10 MB', async () => {
    const body = `[${`${GOOD},`.repeat(700_000)}${GOOD}]`;
    expect(await service.fetch('/v1/datasets/crm/records', { body })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
  });
});

describe('a large body that is refused half-way', () => {
  it('is read to its end, so that the connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (body: Buffer) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
        const url = new URL('/v1/datasets/crm/records?dryRun=true', service.url);
        const sending = request(url, { method: 'POST', agent, headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        });
        sending.on('error', reject).end(body);
      });
    const begun = gzipSync(`${GOOD}\n`.repeat(1_000)).subarray(0, -8);
    expect(await post(Buffer.concat([begun, Buffer.alloc(30 * 1024 * 1024, 'x')]))).toBe(400);
    expect(await post(gzipSync(GOOD))).toBe(202);
    agent.destroy();
  });
});

describe('a request that leads nowhere', () => {
  it.each<[path: string, status: number, code: string]>([
    ['nope/records', 404, 'DATASET_NOT_FOUND'],
    ['__proto__/records', 404, 'DATASET_NOT_FOUND'],
    ['%F0%9F%98%80%2F..%00/records', 404, 'DATASET_NOT_FOUND'],
    ['orders/records', 422, 'WRONG_CLASS'],
    ['crm/events', 422, 'WRONG_CLASS'],
    ['crm/records?dryRun=yes', 400, 'INVALID_REQUEST'],
    ['crm/records?results=some', 400, 'INVALID_REQUEST'],
    ['crm/nothing', 404, 'NOT_FOUND'],
  ])('%s', async (path, status, code) => {
    expect(await service.fetch(`/v1/datasets/${path}`, { body: `[${GOOD}]` })).toMatchObject({
      status,
      body: { code, status },
    });
  });

  it.each(['nope', 'PROD', '../prod', 'prod%00', '__proto__', 'a b', "' or 1=1", 'x'.repeat(5_000), 'smörgås'])(
    'the sandbox %s',
    async (sandbox) => {
      const sent = await sendItems(service, 'crm/records', [{ crmId: '7' }], { 'x-sandbox-name': sandbox });
      expect(sent).toMatchObject({ status: 404, body: { code: 'SANDBOX_NOT_FOUND' } });
      const asked = await service.fetch('/v1/profiles/CRMID/7', { sandbox });
      expect(asked).toMatchObject({ status: 404, body: { code: 'SANDBOX_NOT_FOUND' } });
    },
  );

  it.each(['nonsense', '0'.repeat(65), 'ffff'])('the consistency token %s', async (token) => {
    expect(await service.fetch('/v1/profiles/CRMID/7', { token })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });
});

describe('an unusual identity value', () => {
  it.each([
    'a/b',
    '/',
    'a b',
    'a%20b',
    '100%',
    'a?b=c#d&e+f',
    '😀/👨‍👩‍👧',
    'ünïcödé',
    '..hidden',
    'a\\b"c\'d',
    '__proto__',
    'constructor',
    'toString',
    '%2F%252F',
    'x'.repeat(1_024),
    '😀'.repeat(1_024),
  ])('%s is an identity like any other', async (value) => {
    const sent = await sendItems(service, 'orders/events', [order('strange', { crmId: value })]);
    expect(sent.status).toBe(202);
    const { token } = sent;
    const id = encodeURIComponent(value);
    const expected = { status: 200, body: { identity: { namespace: 'CRMID', id: value }, events: { count: 1 } } };
    expect(await service.fetch(`/v1/profiles/CRMID/${id}`, { token })).toMatchObject(expected);
    expect(await service.fetch(`/v1/profiles/by-identity?namespace=CRMID&id=${id}`, { token })).toMatchObject(expected);
    const lookup = await service.fetch('/v1/profiles/lookup', {
      token,
      body: { identities: [{ namespace: 'CRMID', id: value }] },
    });
    expect(lookup.body).toMatchObject({ results: [{ found: true, profile: expected.body }] });
    for (const path of [`CRMID/${id}/events`, `CRMID/${id}/identities`]) {
      expect((await service.fetch(`/v1/profiles/${path}`, { token })).status).toBe(200);
    }
  });

  it.each(['.', '..'])('%s is found by the query form', async (value) => {
    const { token } = await sendItems(service, 'orders/events', [order('dots', { crmId: value })]);
    for (const path of ['', '/events', '/identities']) {
      const answer = await service.fetch(`/v1/profiles/by-identity${path}?namespace=CRMID&id=${value}`, { token });
      expect(answer.status).toBe(200);
    }
  });
});
