import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject, JsonValue } from '#core';

import { endOfBatch } from '../support/batches.js';
import { killServices, startService, type Service } from '../support/service.js';

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly JsonValue[];
  readonly example?: JsonValue;
  readonly default?: JsonValue;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Content {
  readonly schema?: Schema;
  readonly example?: JsonValue;
  readonly examples?: Readonly<Record<string, { readonly value: JsonValue }>>;
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What brings data in, changes it and takes it out. */
const ROUTES = /^\/v1\/(sandboxes|namespaces|schemas|field-groups|unions|datasets|batches|jobs)(\/|$)/;
/** They speak for themselves, as do numbers and booleans. */
const TELLING = ['date-time', 'binary'];

let service: Service;
let api: OpenApi;

beforeAll(async () => {
  service = await startService();
  api = (await service.fetch('/openapi.json')).body as OpenApi;
});
afterAll(() => service.stop());
afterAll(killServices);

const operations = (): readonly (readonly [name: string, operation: Operation])[] =>
  Object.entries(api.paths)
    .filter(([path]) => ROUTES.test(path))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, one]) => [`${method} ${path}`, one] as const));

/** Members of an answer or a body of which nobody is told what they look like. */
function untold(content: Content, path: string): readonly string[] {
  return content.example === undefined && content.examples === undefined ? untoldBy(content.schema ?? {}, path) : [];
}

function untoldBy(schema: Schema, path: string): readonly string[] {
  const { $ref, allOf, example, format = '', type = '', items, properties } = schema;
  if (example !== undefined || schema.default !== undefined || schema.enum || TELLING.includes(format)) return [];
  if ($ref !== undefined) return untoldBy(api.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, path);
  if (allOf !== undefined) return allOf.flatMap((one) => untoldBy(one, path));
  if (items !== undefined) return untoldBy(items, `${path}[]`);
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([key, member]) => untoldBy(member, `${path}.${key}`));
  }
  return ['boolean', 'integer', 'number'].includes(type) ? [] : [path];
}

/** The example of a body, made of those of its members where it has none as a whole. */
function bodyOf(name: string, mediaType = 'application/json'): JsonValue {
  const [method = '', path = ''] = name.split(' ');
  const content = api.paths[path]?.[method]?.requestBody?.content[mediaType];
  if (content === undefined) throw new Error(`${name} takes no ${mediaType}`);
  return content.example ?? exampleOf(content.schema ?? {});
}

function exampleOf({ $ref, example, enum: values, properties = {} }: Schema): JsonValue {
  if (example !== undefined) return example;
  if ($ref !== undefined) return exampleOf(api.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  if (values !== undefined) return values[0] as JsonValue;
  const told = Object.entries(properties).filter(([, member]) => 'example' in member || member.$ref !== undefined);
  return Object.fromEntries(told.map(([key, member]) => [key, exampleOf(member)]));
}

/** Sends the example of an operation to a path of its own. */
async function send(name: string, path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const [method = ''] = name.split(' ');
  return service.fetch(path, { method: method.toUpperCase(), body: bodyOf(name) as JsonObject });
}

describe('/openapi.json', () => {
  it('has an example of everything that these requests take and answer', () => {
    expect(operations().length).toBeGreaterThan(30);
    const missing = operations().flatMap(([name, { requestBody, responses }]) => [
      ...Object.values(requestBody?.content ?? {}).flatMap((content) => untold(content, name)),
      ...Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([status, { content = {} }]) =>
          Object.values(content).flatMap((one) => untold(one, `${name} ${status}`)),
        ),
    ]);
    expect([...new Set(missing)]).toEqual([]);
  });

  it('says of every answer that succeeds what is in it, unless nothing is', () => {
    const empty = operations().flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status, { content }]) => status.startsWith('2') && status !== '204' && content === undefined)
        .map(([status]) => `${name} ${status}`),
    );
    expect(empty).toEqual([]);
  });

  it('has examples of bodies that are taken, one after the other', async () => {
    const orders = {
      title: 'Orders',
      class: 'experienceevent',
      schema: {
        properties: {
          crmId: { type: 'string' },
          order: { type: 'object', properties: { priceTotal: { type: 'number' } } },
        },
      },
      identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
    };
    const steps: readonly (readonly [name: string, path: string, status: number])[] = [
      ['put /v1/sandboxes/{name}', '/v1/sandboxes/dev', 201],
      ['post /v1/sandboxes/{name}/reset', '/v1/sandboxes/dev/reset', 200],
      ['put /v1/namespaces/{code}', '/v1/namespaces/CRMID', 201],
      ['put /v1/field-groups/{id}', '/v1/field-groups/contact', 201],
      ['put /v1/schemas/{id}', '/v1/schemas/crm', 201],
      ['put /v1/datasets/{id}', '/v1/datasets/crm', 201],
    ];
    for (const [name, path, status] of steps) {
      expect([name, await send(name, path)]).toEqual([name, expect.objectContaining({ status })]);
    }
    await service.fetch('/v1/schemas/crm/enable', { method: 'POST' });
    const enabled = await send('post /v1/datasets/{id}/enable', '/v1/datasets/crm/enable');
    expect(enabled).toMatchObject({ status: 202, body: { job: expect.any(String) } });
    await service.fetch('/v1/schemas/order', { method: 'PUT', body: orders });
    await service.fetch('/v1/datasets/orders', { method: 'PUT', body: { schema: 'order' } });
    for (const [kind, dataset] of [
      ['records', 'crm'],
      ['upserts', 'crm'],
      ['events', 'orders'],
    ] as const) {
      const sent = await send(`post /v1/datasets/{dataset}/${kind}`, `/v1/datasets/${dataset}/${kind}`);
      expect([kind, sent]).toEqual([
        kind,
        expect.objectContaining({ status: 202, body: expect.objectContaining({ rejected: 0, duplicates: 0 }) }),
      ]);
    }
  });

  it('has examples of files that are loaded', async () => {
    const content = api.paths['/v1/datasets/{dataset}/batches']?.['post']?.requestBody?.content ?? {};
    for (const [format, { value }] of Object.entries(content['text/csv']?.examples ?? {})) {
      const path = `/v1/datasets/crm/batches?format=${format}&force=true`;
      const { status, body } = await service.fetch(path, { method: 'POST', body: value as string });
      expect(status).toBe(202);
      const batch = await endOfBatch(service, (body as { id: string }).id);
      expect(batch).toMatchObject({ status: 'success', rows: { read: 1, accepted: 1 } });
    }
  });
});
