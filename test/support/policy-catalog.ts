import type { JsonObject } from '#core';

import { given, visit } from './crm-catalog.js';
import type { JsonAnswer } from './fetch-json.js';
import type { Service } from './service.js';

const text = { type: 'string' } as const;

/** What specs of merge policies share: two datasets about the same people (`crm`, `loyalty`), and visits of the shop. */
const REQUESTS: readonly (readonly [method: string, path: string, body: JsonObject])[] = [
  ['PUT', '/v1/namespaces/CRMID', { name: 'CRM id', idType: 'CROSS_DEVICE' }],
  ['PUT', '/v1/namespaces/WEB', { name: 'Cookie of the shop', idType: 'COOKIE' }],
  [
    'PUT',
    '/v1/schemas/person',
    {
      title: 'People',
      class: 'profile',
      schema: {
        properties: {
          crmId: text,
          city: text,
          phone: text,
          tier: text,
          name: { type: 'object', properties: { first: text, last: text } },
        },
      },
      identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
    },
  ],
  [
    'PUT',
    '/v1/schemas/visit',
    { title: 'Visits', class: 'experienceevent', schema: { properties: {} }, identities: [], identityMap: true },
  ],
  ['POST', '/v1/schemas/person/enable', {}],
  ['POST', '/v1/schemas/visit/enable', {}],
  ['PUT', '/v1/datasets/crm', { schema: 'person' }],
  ['PUT', '/v1/datasets/loyalty', { schema: 'person' }],
  ['PUT', '/v1/datasets/visits', { schema: 'visit' }],
  ['POST', '/v1/datasets/crm/enable', {}],
  ['POST', '/v1/datasets/loyalty/enable', {}],
  ['POST', '/v1/datasets/visits/enable', {}],
];

export async function definePeople(service: Service, sandbox?: string): Promise<void> {
  for (const [method, path, body] of REQUESTS) {
    const answer = await service.fetch(path, { method, body, ...(sandbox !== undefined && { sandbox }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/**
 * The worked example of merge policies, about one person: `crm` says city and phone, `loyalty` city and tier, then an
 * upsert on `crm` another tier. Answers the token at which it is visible.
 */
export async function workedExample(service: Service, id: string): Promise<string | undefined> {
  const at = (second: number) => ({ extSourceSystemAudit: { lastUpdatedDate: `2024-01-01T00:00:0${second}Z` } });
  await given(service, 'crm/records', [{ crmId: id, city: 'Rome', phone: '1', ...at(1) }]);
  await given(service, 'loyalty/records', [{ crmId: id, city: 'Oslo', tier: 'gold', ...at(2) }]);
  return given(service, 'crm/upserts', [{ crmId: id, tier: 'none', ...at(3) }]);
}

/** A visit by a cookie that names people, too. */
export function visitOf(id: string, cookie: string, ...people: readonly string[]): JsonObject {
  return visit(id, '2024-01-01T10:00:00Z', cookie, { CRMID: people.map((person) => ({ id: person })) });
}

export function putPolicy(service: Service, id: string, policy: JsonObject, sandbox?: string): Promise<JsonAnswer> {
  return service.fetch(`/v1/merge-policies/${id}`, {
    method: 'PUT',
    body: policy,
    ...(sandbox !== undefined && { sandbox }),
  });
}

export const precedence = (...order: readonly string[]): JsonObject => ({
  attributeMerge: { type: 'dataSetPrecedence', order },
});
export const NEWEST_FIELD: JsonObject = { attributeMerge: { type: 'timestampOrdered', granularity: 'field' } };
export const NEWEST: JsonObject = { attributeMerge: { type: 'timestampOrdered' } };
