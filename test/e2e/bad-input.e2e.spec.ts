import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, order, sendItems, sendLines } from '../support/crm-catalog.js';
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

describe('a line that cannot be an item', () => {
  it.each<[name: string, line: string | Buffer, code: string, path: string]>([
    ['broken JSON', '{"crmId":"7"', 'MALFORMED_ITEM', ''],
    ['text', 'hello', 'MALFORMED_ITEM', ''],
    ['an array', '[{"crmId":"7"}]', 'MALFORMED_ITEM', ''],
    ['a number', '7', 'MALFORMED_ITEM', ''],
    ['null', 'null', 'MALFORMED_ITEM', ''],
    ['two objects', '{"crmId":"7"}{"crmId":"8"}', 'MALFORMED_ITEM', ''],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'INVALID_UTF8', ''],
    ['half a character', Buffer.from('{"crmId":"é"}').subarray(0, 11), 'INVALID_UTF8', ''],
    ['a NUL byte', Buffer.from('{"crmId":"\0"}'), 'MALFORMED_ITEM', ''],
    ['over its limit', `{"crmId":"7","tags":["${'x'.repeat(102_400)}"]}`, 'ITEM_TOO_LARGE', ''],
  ])('%s', async (_name, line, code, path) => {
    const body = Buffer.concat([Buffer.from(`${GOOD}\n`), Buffer.from(line), Buffer.from(`\n${GOOD}\n`)]);
    const sent = await sendLines(service, 'crm/records', body);
    expect(sent.status).toBe(207);
    expect(sent.body).toMatchObject({ accepted: 2, rejected: 1 });
    expect(sent.body.results).toEqual([
      { index: 1, line: 2, status: 'rejected', code, errors: [expect.objectContaining({ path })] },
    ]);
  });
});

/** Records are given as text: an object in a spec could not have two of what is tested here. */
describe('a record that cannot be taken', () => {
  const deep = (levels: number, open: string, close: string) => open.repeat(levels) + close.repeat(levels);

  it.each<[name: string, record: string, code: string, path: string]>([
    ['null', '{"crmId":"7","name":{"first":null}}', 'NULL_NOT_ALLOWED', 'name.first'],
    ['null in a list', '{"crmId":"7","tags":["a",null]}', 'NULL_NOT_ALLOWED', 'tags[1]'],
    ['a wrong type', '{"crmId":"7","tags":"a"}', 'SCHEMA_VIOLATION', 'tags'],
    ['a wrong type in a list', '{"crmId":"7","tags":["a",1]}', 'SCHEMA_VIOLATION', 'tags[1]'],
    ['a missing member', '{"name":{"first":"Ona"}}', 'SCHEMA_VIOLATION', 'crmId'],
    ['an unknown member', '{"crmId":"7","name":{"middle":"x"}}', 'SCHEMA_VIOLATION', 'name.middle'],
    ['a date that is none', '{"crmId":"7","birthday":"2011-02-30"}', 'SCHEMA_VIOLATION', 'birthday'],
    [
      'a source time that is none',
      '{"crmId":"7","extSourceSystemAudit":{"lastUpdatedDate":"today"}}',
      'SCHEMA_VIOLATION',
      'extSourceSystemAudit.lastUpdatedDate',
    ],
    ['an integer beyond 2^53-1', '{"crmId":"7","visits":9007199254740993}', 'NUMBER_OUT_OF_RANGE', 'visits'],
    ['a number beyond doubles', '{"crmId":"7","visits":1e400}', 'NUMBER_OUT_OF_RANGE', 'visits'],
    ['a lone surrogate', '{"crmId":"7","name":{"first":"\\ud83d"}}', 'INVALID_UTF8', 'name.first'],
    ['a lone surrogate in a key', '{"crmId":"7","notes":{"\\udc00":1}}', 'INVALID_UTF8', 'notes.\ufffd'],
    ['__proto__', '{"crmId":"7","__proto__":{"admin":true}}', 'SCHEMA_VIOLATION', '__proto__'],
    ['constructor', '{"crmId":"7","constructor":{"prototype":{}}}', 'SCHEMA_VIOLATION', 'constructor'],
    ['toString', '{"crmId":"7","name":{"toString":"x"}}', 'SCHEMA_VIOLATION', 'name.toString'],
    ['an instruction of upserts', '{"crmId":"7","$unset":["tags"]}', 'UNKNOWN_INSTRUCTION', '$unset'],
    ['an unknown instruction', '{"crmId":"7","$where":"1"}', 'UNKNOWN_INSTRUCTION', '$where'],
    ['an empty id', '{"crmId":"7","$messageId":""}', 'SCHEMA_VIOLATION', '$messageId'],
    ['a revision that is none', '{"crmId":"7","$ifRevision":"3"}', 'SCHEMA_VIOLATION', '$ifRevision'],
    ['a blocked owner', '{"crmId":"NA"}', 'IDENTITY_BLOCKED', 'crmId'],
    ['the zero UUID as owner', '{"crmId":"00000000-0000-0000-0000-000000000000"}', 'IDENTITY_BLOCKED', 'crmId'],
    ['an empty owner', '{"crmId":"  "}', 'IDENTITY_BLOCKED', 'crmId'],
    ['an owner that is too long', `{"crmId":"${'x'.repeat(1_025)}"}`, 'IDENTITY_BLOCKED', 'crmId'],
    [
      'an unknown namespace',
      '{"crmId":"7","identityMap":{"NOPE":[{"id":"1"}]}}',
      'NAMESPACE_NOT_FOUND',
      'identityMap.NOPE',
    ],
    [
      'an identity without an id',
      '{"crmId":"7","identityMap":{"WEB":[{"primary":true}]}}',
      'SCHEMA_VIOLATION',
      'identityMap.WEB[0].id',
    ],
    [
      'more than 20 identities',
      `{"crmId":"7","identityMap":{"WEB":[${Array.from({ length: 20 }, (_, i) => `{"id":"w${i}"}`).join()}]}}`,
      'TOO_MANY_IDENTITIES',
      'identityMap.WEB[19].id',
    ],
    ['65 levels', `{"crmId":"7","notes":${deep(64, '[', ']')}}`, 'ITEM_TOO_DEEP', `notes${'[0]'.repeat(63)}`],
    [
      '10,000 levels of arrays',
      `{"crmId":"7","notes":${deep(10_000, '[', ']')}}`,
      'ITEM_TOO_DEEP',
      `notes${'[0]'.repeat(63)}`,
    ],
    [
      '10,000 levels of objects',
      `{"crmId":"7","notes":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      'ITEM_TOO_DEEP',
      `notes${'.a'.repeat(63)}`,
    ],
  ])('%s', async (_name, record, code, path) => {
    const rejected = [expect.objectContaining({ index: 1, status: 'rejected', code })];
    const ndjson = await sendLines(service, 'crm/records', `${GOOD}\n${record}\n${GOOD}`);
    expect(ndjson.status).toBe(207);
    expect(ndjson.body).toMatchObject({ accepted: 2, rejected: 1, results: rejected });
    expect(ndjson.body.results[0]?.errors?.map((error) => error.path)).toContain(path);
    const json = await service.fetch('/v1/datasets/crm/records', { body: `[${GOOD},${record},${GOOD}]` });
    expect(json.status).toBe(207);
    expect(json.body).toMatchObject({ accepted: 2, rejected: 1, results: rejected });
  });

  it('is told at most five of its errors', async () => {
    const { body } = await sendItems(service, 'crm/records', [
      { crmId: 1, name: 1, tags: 1, visits: 'x', birthday: 1, email: 1 },
    ]);
    expect(body.results[0]?.errors).toHaveLength(5);
  });
});

describe('an event that cannot be taken', () => {
  it.each<[name: string, event: JsonObject, code: string, path: string]>([
    ['no _id', { timestamp: '2010-12-01T08:26:00Z', crmId: '7' }, 'SCHEMA_VIOLATION', '_id'],
    ['an empty _id', order(''), 'SCHEMA_VIOLATION', '_id'],
    ['a long _id', order('x'.repeat(257)), 'SCHEMA_VIOLATION', '_id'],
    ['a number as _id', order('', { _id: 7 }), 'SCHEMA_VIOLATION', '_id'],
    ['no timestamp', { _id: 'x', crmId: '7' }, 'SCHEMA_VIOLATION', 'timestamp'],
    ['a timestamp without a zone', order('x', { timestamp: '2010-12-01T08:26:00' }), 'SCHEMA_VIOLATION', 'timestamp'],
    ['a day that does not exist', order('x', { timestamp: '2011-02-29T08:26:00Z' }), 'SCHEMA_VIOLATION', 'timestamp'],
    ['a timestamp in milliseconds', order('x', { timestamp: 1291191960000 }), 'SCHEMA_VIOLATION', 'timestamp'],
    ['a year ahead', order('x', { timestamp: '2999-01-01T00:00:00Z' }), 'EVENT_IN_FUTURE', 'timestamp'],
    ['no owner', order('x', { crmId: undefined as never }), 'PRIMARY_IDENTITY_MISSING', 'crmId'],
    ['a blocked owner', order('x', { crmId: 'undefined' }), 'IDENTITY_BLOCKED', 'crmId'],
    [
      'two owners',
      order('x', {
        crmId: undefined as never,
        identityMap: {
          WEB: [
            { id: 'a', primary: true },
            { id: 'b', primary: true },
          ],
        },
      }),
      'PRIMARY_IDENTITY_AMBIGUOUS',
      'identityMap.WEB[0].id',
    ],
    [
      'a thing as owner',
      order('x', { crmId: undefined as never, identityMap: { SKU: [{ id: 'a', primary: true }] } }),
      'PRIMARY_IDENTITY_MISSING',
      'identityMap.SKU[0].id',
    ],
    [
      'an ECID of 12 digits as owner',
      order('x', { crmId: undefined as never, identityMap: { ECID: [{ id: '123456789012', primary: true }] } }),
      'IDENTITY_INVALID',
      'identityMap.ECID[0].id',
    ],
    ['an instruction', order('x', { $messageId: 'm' }), 'UNKNOWN_INSTRUCTION', '$messageId'],
    ['over its limit', order('x', { eventType: 'x'.repeat(65_536) }), 'ITEM_TOO_LARGE', ''],
  ])('%s', async (name, event, code, path) => {
    const { status, body } = await sendItems(service, 'orders/events', [
      order(`before ${name}`),
      event,
      order(`after ${name}`),
    ]);
    expect(status).toBe(207);
    expect(body).toMatchObject({ accepted: 2, rejected: 1, results: [{ index: 1, status: 'rejected', code }] });
    expect(body.results[0]?.errors?.map((error) => error.path)).toContain(path);
  });

  it('is taken at the limit of 64 KB', async () => {
    const fill = 65_536 - Buffer.byteLength(JSON.stringify(order('edge', { eventType: '' })));
    const { status } = await sendItems(service, 'orders/events', [order('edge', { eventType: 'x'.repeat(fill) })]);
    expect(status).toBe(202);
  });
});
