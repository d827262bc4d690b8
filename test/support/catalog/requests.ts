import type { JsonObject } from '#core';

import type { JsonAnswer } from '../fetch-json.js';
import type { Service } from '../service.js';

const text = { type: 'string' } as const;

/** The properties of the contract's example. */
export const CRM_PROPERTIES = {
  crmId: text,
  email: { type: 'string', format: 'email' },
  name: { type: 'object', properties: { first: text, last: text } },
  tags: { type: 'array', items: text },
} as const;

/** The body that defines a schema like the contract's example, with other properties or members. */
export function schemaBody(properties: JsonObject = CRM_PROPERTIES, more: JsonObject = {}): JsonObject {
  return {
    title: 'Customers',
    class: 'profile',
    schema: { properties: { crmId: text, ...properties } },
    identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
    ...more,
  };
}

/** What a problem document is expected to be; `errors` are all of its errors, or parts of each. */
export function problem(status: number, code: string, errors?: readonly JsonObject[], more: JsonObject = {}) {
  return { status, body: { status, code, ...(errors !== undefined && { errors }), ...more } };
}

/** Requests to the catalog of a running service. */
export class CatalogRequests {
  constructor(private readonly service: () => Service) {}

  get(path: string): Promise<JsonAnswer> {
    return this.service().fetch(`/v1/${path}`);
  }

  put(path: string, body: unknown): Promise<JsonAnswer> {
    return this.service().fetch(`/v1/${path}`, { method: 'PUT', body });
  }

  post(path: string, body: unknown = {}): Promise<JsonAnswer> {
    return this.service().fetch(`/v1/${path}`, { method: 'POST', body });
  }

  delete(path: string): Promise<JsonAnswer> {
    return this.service().fetch(`/v1/${path}`, { method: 'DELETE' });
  }

  /** A schema that must be taken, enabled when it is to be part of a union. */
  async schema(id: string, body: JsonObject, use: 'defined' | 'enabled' = 'defined'): Promise<void> {
    await expectDone(this.put(`schemas/${id}`, body));
    if (use === 'enabled') await expectDone(this.post(`schemas/${id}/enable`));
  }

  async dataset(id: string, schema: string): Promise<void> {
    await expectDone(this.put(`datasets/${id}`, { schema }));
  }

  async fieldGroup(id: string, properties: JsonObject): Promise<void> {
    await expectDone(this.put(`field-groups/${id}`, { properties }));
  }

  async namespace(code: string, idType: string): Promise<void> {
    await expectDone(this.put(`namespaces/${code}`, { name: code, idType }));
  }
}

async function expectDone(request: Promise<JsonAnswer>): Promise<void> {
  const { status, body } = await request;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
}
