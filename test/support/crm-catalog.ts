import type { JsonObject } from '#core';

import type { JsonAnswer } from './fetch-json.js';
import type { Service } from './service.js';

const text = { type: 'string' } as const;

/** Namespaces, schemas and datasets that specs about items share: customers (records), orders and visits (events). */
const REQUESTS: readonly (readonly [method: string, path: string, body?: JsonObject])[] = [
  ['PUT', '/v1/namespaces/CRMID', { name: 'CRM id', idType: 'CROSS_DEVICE' }],
  ['PUT', '/v1/namespaces/WEB', { name: 'Cookie of the shop', idType: 'COOKIE' }],
  ['PUT', '/v1/namespaces/SKU', { name: 'Article', idType: 'NON_PEOPLE' }],
  [
    'PUT',
    '/v1/schemas/crm',
    {
      title: 'Customers',
      class: 'profile',
      schema: {
        properties: {
          crmId: text,
          email: text,
          name: { type: 'object', properties: { first: text, last: text } },
          tags: { type: 'array', items: text },
          visits: { type: 'integer' },
          birthday: { type: 'string', format: 'date' },
          notes: { type: 'object', additionalProperties: true },
        },
        required: ['crmId'],
      },
      identities: [
        { path: 'crmId', namespace: 'CRMID', primary: true },
        { path: 'email', namespace: 'Email', primary: false },
      ],
    },
  ],
  [
    'PUT',
    '/v1/schemas/order',
    {
      title: 'Orders',
      class: 'experienceevent',
      schema: {
        properties: { crmId: text, order: { type: 'object', properties: { priceTotal: { type: 'number' } } } },
      },
      identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
    },
  ],
  [
    'PUT',
    '/v1/schemas/visit',
    {
      title: 'Visits',
      class: 'experienceevent',
      schema: { properties: { url: text } },
      identities: [],
      identityMap: true,
    },
  ],
  ['POST', '/v1/schemas/crm/enable'],
  ['POST', '/v1/schemas/order/enable'],
  ['POST', '/v1/schemas/visit/enable'],
  ['PUT', '/v1/datasets/crm', { schema: 'crm' }],
  ['PUT', '/v1/datasets/loyalty', { schema: 'crm' }],
  ['PUT', '/v1/datasets/orders', { schema: 'order' }],
  ['PUT', '/v1/datasets/visits', { schema: 'visit' }],
  ['PUT', '/v1/datasets/parked', { schema: 'order' }],
  ['POST', '/v1/datasets/crm/enable', {}],
  ['POST', '/v1/datasets/loyalty/enable', {}],
  ['POST', '/v1/datasets/orders/enable', {}],
  ['POST', '/v1/datasets/visits/enable', {}],
];

/** Defines all of it. `parked` is left without being enabled. */
export async function defineCrm(service: Service, sandbox?: string): Promise<void> {
  for (const [method, path, body] of REQUESTS) {
    const answer = await service.fetch(path, { method, ...(body && { body }), ...(sandbox && { sandbox }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

export interface SentItem {
  readonly index: number;
  readonly line?: number;
  readonly status: 'accepted' | 'rejected' | 'duplicate';
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly keyword?: string; readonly message: string }[];
  readonly revision?: number;
}

export interface SentItems extends Omit<JsonAnswer, 'body'> {
  readonly body: {
    readonly accepted: number;
    readonly rejected: number;
    readonly duplicates: number;
    readonly results: readonly SentItem[];
    readonly truncated?: boolean;
  };
}

/** Sends a JSON array of items; `path` such as `crm/records` or `orders/events?dryRun=true`. */
export async function sendItems(
  service: Service,
  path: string,
  items: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<SentItems> {
  return (await service.fetch(`/v1/datasets/${path}`, { body: items, headers })) as SentItems;
}

/** Sends NDJSON as it stands. */
export async function sendLines(
  service: Service,
  path: string,
  lines: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<SentItems> {
  const ndjson = { 'content-type': 'application/x-ndjson', ...headers };
  return (await service.fetch(`/v1/datasets/${path}`, { body: lines, headers: ndjson })) as SentItems;
}

/** An order of customer 7, unless said otherwise. */
export function order(id: string, overrides: JsonObject = {}): JsonObject {
  const timestamp = '2010-12-01T08:26:00Z';
  return { _id: id, timestamp, eventType: 'commerce.purchases', crmId: '7', order: { priceTotal: 15.3 }, ...overrides };
}

/** A visit of the web shop by a cookie, and by whom else it names. */
export function visit(id: string, timestamp: string, cookie: string, others: JsonObject = {}): JsonObject {
  return {
    _id: id,
    timestamp,
    eventType: 'web.visit',
    identityMap: { WEB: [{ id: cookie, primary: true }], ...others },
  };
}

/** Sends items that must all be accepted, and answers the token at which they are visible. */
export async function given(service: Service, path: string, items: readonly JsonObject[]): Promise<string | undefined> {
  const { status, body, token } = await sendItems(service, path, items);
  if (status !== 202) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return token;
}
