import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { BUILT_IN_NAMESPACES, namespaceKey, type Namespace } from '#catalog';
import { namingSecret, type FieldError, type JsonObject } from '#core';
import { blockedValues, compileIdentityRules } from '#identity';

import { contentHash } from '../client-id.js';
import { decodeIngestedItem } from '../fragment.events.js';
import { FragmentNames } from './fragment-names.js';
import { IdempotencyScope } from './idempotency-scope.js';
import { prepareItem, type IngestContext } from './prepare-item.js';
import type { AcceptedItem, PreparedItem } from './prepared-item.js';

const SECRET = namingSecret('ab'.repeat(32));
const NOW = Date.parse('2024-05-01T12:00:00Z');
const NAMESPACES = new Map<string, Namespace>([
  ...BUILT_IN_NAMESPACES,
  ['crmid', { code: 'CRMID', name: 'CRM', idType: 'CROSS_DEVICE', caseSensitive: true, builtIn: false }],
]);

function context(overrides: Partial<IngestContext> = {}): IngestContext {
  return {
    kind: 'record',
    sandbox: 'aaaaaaaa',
    dataset: 'crm',
    validate: () => [],
    identities: compileIdentityRules({
      descriptors: [
        { path: 'crmId', namespace: 'CRMID', primary: true },
        { path: 'email', namespace: 'Email', primary: false },
      ],
      find: (code) => NAMESPACES.get(namespaceKey(code)),
      blocked: blockedValues([]),
    }),
    warnings: [],
    names: new FragmentNames(SECRET),
    secret: SECRET,
    idempotency: undefined,
    ...overrides,
  };
}

function accepted(item: PreparedItem): AcceptedItem {
  if (item.outcome === 'rejected') throw new Error(`rejected: ${item.code} ${JSON.stringify(item.errors)}`);
  return item;
}

const record = (item: JsonObject, overrides?: Partial<IngestContext>) =>
  prepareItem(context(overrides), JSON.stringify(item), NOW);
const event = (item: JsonObject) => prepareItem(context({ kind: 'event' }), JSON.stringify(item), NOW);
const EVENT = { _id: 'e1', timestamp: '2024-05-01T10:00:00Z', crmId: '7' };

describe('a record', () => {
  it('becomes an event of its fragment, its text as it came', () => {
    const text = '{ "crmId" : "7",  "email":"Ona@X.org", "n":1.50 }';
    const item = accepted(prepareItem(context(), text, NOW));
    expect(item).toMatchObject({ eventType: 'RecordIngested', text, expected: 'any', warnings: [] });
    expect(item.stream).toMatch(/^fragment_aaaaaaaa_[0-9a-f]{2}-[a-z2-7]{32}$/);
    expect(item.clientId).toBeUndefined();
    expect(decodeIngestedItem(item.data)).toEqual({
      owner: { namespace: 'CRMID', id: '7' },
      others: [{ namespace: 'Email', id: 'ona@x.org' }],
      item: JSON.parse(text) as JsonObject,
      text,
    });
  });

  it('has its instructions taken out', () => {
    const item = accepted(record({ $messageId: 'm1', crmId: '7', $ifRevision: 3 }));
    expect(item).toMatchObject({ text: '{"crmId":"7"}', expected: 3 });
    expect(item.clientId?.contentHash).toBe(contentHash(SECRET, { crmId: '7' }));
    expect(accepted(record({ crmId: '7', $ifRevision: -1 })).expected).toBe('none');
  });

  it('keeps a key called __proto__ when its text is made anew', () => {
    const text = '{"$messageId":"m","__proto__":{"x":1},"crmId":"7"}';
    expect(accepted(prepareItem(context(), text, NOW)).text).toBe('{"__proto__":{"x":1},"crmId":"7"}');
  });

  it('has an instruction also when its key is escaped', () => {
    expect(accepted(prepareItem(context(), '{"\\u0024messageId":"m","crmId":"7"}', NOW)).text).toBe('{"crmId":"7"}');
  });

  it('keeps the same id for the same $messageId under the same owner and dataset only', () => {
    const idOf = (item: JsonObject, dataset = 'crm') => accepted(record(item, { dataset })).clientId?.idHash;
    const id = idOf({ crmId: '7', $messageId: 'm' });
    expect(idOf({ crmId: '7', $messageId: 'm', other: true })).toBe(id);
    expect(idOf({ crmId: '8', $messageId: 'm' })).not.toBe(id);
    expect(idOf({ crmId: '7', $messageId: 'm' }, 'loyalty')).not.toBe(id);
  });

  it('carries its source time', () => {
    const dated = (lastUpdatedDate: string) => record({ crmId: '7', extSourceSystemAudit: { lastUpdatedDate } });
    expect(accepted(dated('2024-01-01T00:00:00+01:00')).metadata).toEqual({
      sourceTime: Date.parse('2023-12-31T23:00:00Z'),
    });
    expect(dated('yesterday')).toMatchObject({
      code: 'SCHEMA_VIOLATION',
      errors: [{ path: 'extSourceSystemAudit.lastUpdatedDate' }],
    });
    expect(accepted(record({ crmId: '7' })).metadata).toBeUndefined();
  });

  it('carries the warnings of its dataset and of its identities', () => {
    const warnings = [{ code: 'NOT_ENABLED', errors: [] }] as const;
    expect(accepted(record({ crmId: '7', email: 'n/a' }, { warnings })).warnings).toEqual([
      { code: 'NOT_ENABLED', errors: [] },
      { code: 'IDENTITY_BLOCKED', errors: [expect.objectContaining({ path: 'email' })] },
    ]);
  });
});

describe('a record under an Idempotency-Key', () => {
  const idsOf = (items: readonly JsonObject[], key = 'K') => {
    const shared = context({ idempotency: new IdempotencyScope(key) });
    return items.map((item) => accepted(prepareItem(shared, JSON.stringify(item), NOW)).clientId?.idHash);
  };
  const [a, b] = [
    { crmId: '7', v: 1 },
    { crmId: '7', v: 2 },
  ];

  it('gets an id of key, content and occurrence', () => {
    const [first, second, third] = idsOf([a, b, a]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(idsOf([b, a, a])).toEqual([second, first, third]);
    expect(idsOf([a], 'L')).not.toEqual([first]);
  });

  it('keeps an id of its own', () => {
    const own = { ...a, $messageId: 'm' };
    expect(idsOf([own, own])).toEqual([...idsOf([own], 'L'), ...idsOf([own], 'L')]);
  });
});

describe('an event', () => {
  it('is known by its _id', () => {
    const item = accepted(event({ ...EVENT, type: 'x' }));
    expect(item.eventType).toBe('ExperienceEventIngested');
    expect(item.clientId?.idHash).toBe(accepted(event({ ...EVENT, type: 'y' })).clientId?.idHash);
    expect(item.clientId?.contentHash).not.toBe(accepted(event({ ...EVENT, type: 'y' })).clientId?.contentHash);
  });

  it('may be 24 hours ahead and not more', () => {
    expect(event({ ...EVENT, timestamp: '2024-05-02T12:00:00Z' }).outcome).toBe('accepted');
    expect(event({ ...EVENT, timestamp: '2024-05-02T12:00:00.001Z' })).toMatchObject({
      code: 'EVENT_IN_FUTURE',
      errors: [{ path: 'timestamp' }],
    });
  });

  it.each<[JsonObject, string, string]>([
    [{ timestamp: EVENT.timestamp, crmId: '7' }, 'SCHEMA_VIOLATION', '_id'],
    [{ ...EVENT, _id: '' }, 'SCHEMA_VIOLATION', '_id'],
    [{ ...EVENT, _id: 'x'.repeat(257) }, 'SCHEMA_VIOLATION', '_id'],
    [{ ...EVENT, _id: 7 }, 'SCHEMA_VIOLATION', '_id'],
    [{ _id: 'e1', crmId: '7' }, 'SCHEMA_VIOLATION', 'timestamp'],
    [{ ...EVENT, timestamp: '2024-02-30T00:00:00Z' }, 'SCHEMA_VIOLATION', 'timestamp'],
    [{ ...EVENT, timestamp: 1714560000000 }, 'SCHEMA_VIOLATION', 'timestamp'],
    [{ ...EVENT, $messageId: 'm' }, 'UNKNOWN_INSTRUCTION', '$messageId'],
    [{ ...EVENT, $ifRevision: 1 }, 'UNKNOWN_INSTRUCTION', '$ifRevision'],
  ])('%# %j is refused', (item, code, path) => {
    expect(event(item)).toMatchObject({ outcome: 'rejected', code, errors: [{ path }] });
  });
});

describe('an item that cannot be taken', () => {
  it.each<[string, string, string]>([
    ['{"crmId":"7"', 'MALFORMED_ITEM', ''],
    ['', 'MALFORMED_ITEM', ''],
    ['[]', 'MALFORMED_ITEM', ''],
    ['"7"', 'MALFORMED_ITEM', ''],
    ['null', 'MALFORMED_ITEM', ''],
    ['{"crmId":"7","a":{"b":null}}', 'NULL_NOT_ALLOWED', 'a.b'],
    ['{"crmId":"7","n":9007199254740993}', 'NUMBER_OUT_OF_RANGE', 'n'],
    ['{"crmId":"7","n":1e400}', 'NUMBER_OUT_OF_RANGE', 'n'],
    ['{"crmId":"\\ud800"}', 'INVALID_UTF8', 'crmId'],
    ['{"crmId":"NA"}', 'IDENTITY_BLOCKED', 'crmId'],
    ['{"name":"Ona"}', 'PRIMARY_IDENTITY_MISSING', 'crmId'],
    ['{"crmId":"7","$append":{"tags":["b"]}}', 'UNKNOWN_INSTRUCTION', '$append'],
    ['{"crmId":"7","$ifRevision":1.5}', 'SCHEMA_VIOLATION', '$ifRevision'],
    ['{"crmId":"7","$ifRevision":-2}', 'SCHEMA_VIOLATION', '$ifRevision'],
    ['{"crmId":"7","$messageId":""}', 'SCHEMA_VIOLATION', '$messageId'],
    ['{"crmId":"7","identityMap":{"NOPE":[]}}', 'NAMESPACE_NOT_FOUND', 'identityMap.NOPE'],
    [`{"crmId":"7","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'ITEM_TOO_DEEP', `a${'[0]'.repeat(63)}`],
  ])('%# is refused with code and path', (text, code, path) => {
    expect(prepareItem(context(), text, NOW)).toMatchObject({ outcome: 'rejected', code, errors: [{ path }] });
  });

  it('by its schema is refused with what the schema says', () => {
    const errors: readonly FieldError[] = [{ path: 'crmId', keyword: 'type', message: 'must be string' }];
    expect(record({ crmId: 7 }, { validate: () => errors })).toEqual({
      outcome: 'rejected',
      code: 'SCHEMA_VIOLATION',
      errors,
    });
  });
});

describe('any JSON at all', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'crmId',
      'email',
      '_id',
      'timestamp',
      'identityMap',
      '$messageId',
      '$ifRevision',
      '$x',
      '__proto__',
      'constructor',
    ),
    fc.string(),
  );
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      '7',
      EVENT.timestamp,
      { CRMID: [{ id: '7', primary: true }] },
      { Email: [{ id: 'a@x' }] },
      1e21,
      -1,
    ),
    fc.jsonValue({ maxDepth: 4 }),
  );
  const objectText = fc
    .array(fc.tuple(key, value), { maxLength: 8 })
    .map((members) => `{${members.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(', ')}}`);
  const likely = objectText.map((one) =>
    one
      .replaceAll('null', '1')
      .replace(/^\{/, `{"crmId":"7","_id":"e1","timestamp":"${EVENT.timestamp}"${one === '{}' ? '' : ','}`),
  );
  const text = fc.oneof(likely, objectText, fc.json(), fc.string());

  it('is accepted as what it is, or rejected with a code and a place', () => {
    let taken = 0;
    fc.assert(
      fc.property(text, fc.constantFrom<'record' | 'event'>('record', 'event'), (input, kind) => {
        const item = prepareItem(context({ kind, idempotency: new IdempotencyScope('K') }), input, NOW);
        if (item.outcome === 'rejected') {
          expect(item.errors.length).toBeGreaterThan(0);
          return;
        }
        taken += 1;
        const decoded = decodeIngestedItem(item.data);
        const sent = withoutInstructions(JSON.parse(input) as JsonObject);
        expect(JSON.stringify(decoded.item)).toBe(JSON.stringify(sent));
        expect(JSON.stringify(JSON.parse(decoded.text))).toBe(JSON.stringify(sent));
        expect(decoded.owner).toEqual(item.owner);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(150);
  });
});

function withoutInstructions(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !name.startsWith('$')));
}
