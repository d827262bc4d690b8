import type { JsonObject } from '#core';

import type { JsonAnswer } from '../fetch-json.js';
import { waitForJob } from '../jobs.js';
import type { Service } from '../service.js';

/** What specs of computed attributes share: orders of customers, in three datasets of one schema. */
const REQUESTS: readonly (readonly [method: string, path: string, body: JsonObject])[] = [
  ['PUT', '/v1/namespaces/CRMID', { name: 'CRM id', idType: 'CROSS_DEVICE' }],
  ['PUT', '/v1/namespaces/WEB', { name: 'Cookie of the shop', idType: 'COOKIE' }],
  [
    'PUT',
    '/v1/schemas/order',
    {
      title: 'Orders',
      class: 'experienceevent',
      schema: {
        properties: {
          crmId: { type: 'string' },
          total: { type: 'number' },
          channel: { type: 'string' },
          items: {
            type: 'array',
            items: { type: 'object', properties: { sku: { type: 'string' }, price: { type: 'number' } } },
          },
        },
      },
      identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
    },
  ],
  ['POST', '/v1/schemas/order/enable', {}],
  ...['orders', 'visits', 'doomed'].flatMap((dataset): (readonly [string, string, JsonObject])[] => [
    ['PUT', `/v1/datasets/${dataset}`, { schema: 'order' }],
    ['POST', `/v1/datasets/${dataset}/enable`, {}],
  ]),
];

export async function defineShop(service: Service): Promise<void> {
  for (const [method, path, body] of REQUESTS) {
    const answer = await service.fetch(path, { method, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

export function putAttribute(service: Service, name: string, body: JsonObject): Promise<JsonAnswer> {
  return service.fetch(`/v1/computed-attributes/${name}`, { method: 'PUT', body });
}

/** Defines an attribute, publishes it and waits until it is complete. */
export async function publish(service: Service, name: string, body: JsonObject): Promise<void> {
  await putAttribute(service, name, body);
  const published = await service.fetch(`/v1/computed-attributes/${name}/publish`, { method: 'POST', body: {} });
  if (published.status !== 200) throw new Error(`publish ${name}: ${JSON.stringify(published.body)}`);
  await waitForJob(service, (published.body as { readonly job: string }).job);
}

let newest: string | undefined;

/** Sends events; later reads of `valuesOf` see them. Answers the token with which others do. */
export async function given(
  service: Service,
  events: readonly JsonObject[],
  dataset = 'orders',
): Promise<string | undefined> {
  const answer = await service.fetch(`/v1/datasets/${dataset}/events`, { method: 'POST', body: [...events] });
  if (answer.status !== 202) throw new Error(`events: ${answer.status} ${JSON.stringify(answer.body)}`);
  newest = answer.token;
  return newest;
}

/** The computed attributes of a customer. `query`: of the request. */
export async function valuesOf(service: Service, customer: string, query = ''): Promise<Record<string, unknown>> {
  const token = newest;
  const answer = await service.fetch(`/v1/profiles/CRMID/${customer}?${query}`, token === undefined ? {} : { token });
  if (answer.status !== 200) throw new Error(`profile: ${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { readonly computedAttributes: Record<string, unknown> }).computedAttributes;
}
