import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { endOfBatch, loaded } from '../support/batches.js';
import { defineCrm, given, order } from '../support/crm-catalog.js';
import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

/** Where `prod` has something, `other` has the same namespaces, schemas and datasets, and not one item. */
let service: Service;
let profileId: string;
let batch: string;
let job: string;

beforeAll(async () => {
  service = await startService();
  await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
  await defineCrm(service);
  await defineCrm(service, 'other');
  await service.fetch('/v1/schemas/secret', { method: 'PUT', body: SCHEMA });
  await service.fetch('/v1/schemas/secret/enable', { method: 'POST' });
  await service.fetch('/v1/namespaces/SECRET', { method: 'PUT', body: { name: 'Secret', idType: 'DEVICE' } });
  await service.fetch('/v1/field-groups/secret', { method: 'PUT', body: { properties: { a: { type: 'string' } } } });
  await service.fetch('/v1/datasets/secret', { method: 'PUT', body: { schema: 'secret' } });
  await given(service, 'crm/records', [{ crmId: '7', email: 'ona@example.org', visits: 1 }]);
  const token = await given(service, 'orders/events', [order('a')]);
  const profile = await service.fetch('/v1/profiles/CRMID/7', { token });
  profileId = (profile.body as { profileId: string }).profileId;
  ({ id: batch } = await loaded(service, 'orders/batches?format=ndjson', JSON.stringify(order('b', { crmId: '8' }))));
  const deleted = await service.fetch('/v1/datasets/parked/data', { method: 'DELETE' });
  job = (deleted.body as { job: string }).job;
  await waitForJob(service, job);
});
afterAll(() => service.stop());
afterAll(killServices);

const SCHEMA = {
  title: 'Secret',
  class: 'profile',
  schema: { properties: { crmId: { type: 'string' }, secret: { type: 'string' } } },
  identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
};

const other = (path: string, options: { readonly method?: string; readonly body?: JsonObject } = {}) =>
  service.fetch(path, { ...options, sandbox: 'other' });
/** The same of everything that `prod` shows. */
const prod = async (): Promise<unknown> => {
  const paths = [
    ...['/v1/profiles/CRMID/7', '/v1/profiles/CRMID/7/events', '/v1/profiles/CRMID/7/identities', '/v1/profiles'],
    ...['/v1/datasets/crm/fragments/CRMID/7', '/v1/datasets/crm', '/v1/datasets/orders', `/v1/batches/${batch}`],
    ...['/v1/datasets', '/v1/schemas', '/v1/field-groups', '/v1/namespaces', '/v1/unions/profile', `/v1/jobs/${job}`],
  ];
  return Promise.all(
    paths.map(async (path) => {
      const { status, body } = await service.fetch(path);
      return [path, status, body];
    }),
  );
};

describe('another sandbox', () => {
  it.each<[what: string, path: () => string]>([
    ['a profile by an identity', () => '/v1/profiles/CRMID/7'],
    ['a profile by another identity of it', () => '/v1/profiles/Email/ona@example.org'],
    ['a profile by the query form', () => '/v1/profiles/by-identity?namespace=CRMID&id=7'],
    ['a profile by its id', () => `/v1/profiles/${profileId}`],
    ['the events of a profile', () => '/v1/profiles/CRMID/7/events'],
    ['the identities of a profile', () => '/v1/profiles/CRMID/7/identities'],
    ['a fragment', () => '/v1/datasets/crm/fragments/CRMID/7'],
    ['a batch', () => `/v1/batches/${batch}`],
    ['the refused rows of a batch', () => `/v1/batches/${batch}/rejected`],
    ['a job', () => `/v1/jobs/${job}`],
    ['a schema', () => '/v1/schemas/secret'],
    ['a field group', () => '/v1/field-groups/secret'],
    ['a namespace', () => '/v1/namespaces/SECRET'],
    ['a dataset', () => '/v1/datasets/secret'],
  ])('does not see %s', async (_what, path) => {
    expect((await service.fetch(path())).status).toBe(200);
    expect((await other(path())).status).toBe(404);
  });

  it('finds nothing in its lists', async () => {
    const { body: lookup } = await other('/v1/profiles/lookup', {
      body: { identities: [{ namespace: 'CRMID', id: '7' }] },
    });
    expect(lookup).toMatchObject({ results: [{ found: false }] });
    for (const list of ['profiles', 'batches', 'field-groups']) {
      expect([list, (await other(`/v1/${list}`)).body]).toEqual([list, { items: [] }]);
    }
    for (const list of ['datasets', 'schemas', 'namespaces', 'unions']) {
      expect(JSON.stringify((await other(`/v1/${list}?limit=1000`)).body)).not.toMatch(/secret/i);
    }
    expect(JSON.stringify((await other('/v1/unions/profile')).body)).not.toContain('secret');
    const { body } = await other('/v1/datasets/crm');
    expect(body).toMatchObject({ counts: { recordFragments: 0, events: 0, refused: 0 } });
  });

  it.each<[what: string, method: string, path: () => string, body: JsonObject | undefined]>([
    ['deleting an identity', 'DELETE', () => '/v1/profiles/CRMID/7', undefined],
    ['deleting a profile', 'DELETE', () => '/v1/profiles/by-identity?namespace=CRMID&id=7&scope=profile', undefined],
    ['aborting a batch', 'POST', () => `/v1/batches/${batch}/abort`, undefined],
    ['reverting a batch', 'POST', () => `/v1/batches/${batch}/revert`, undefined],
    ['deleting a dataset', 'DELETE', () => '/v1/datasets/secret', undefined],
    ['deleting the data of a dataset', 'DELETE', () => '/v1/datasets/secret/data', undefined],
    ['enabling a dataset', 'POST', () => '/v1/datasets/secret/enable', { backfill: true }],
    ['disabling a dataset', 'POST', () => '/v1/datasets/secret/disable', undefined],
    ['deleting a schema', 'DELETE', () => '/v1/schemas/secret', undefined],
    ['enabling a schema', 'POST', () => '/v1/schemas/secret/enable', undefined],
    ['deleting a field group', 'DELETE', () => '/v1/field-groups/secret', undefined],
    ['a dataset of a schema', 'PUT', () => '/v1/datasets/thief', { schema: 'secret' }],
  ])('changes nothing by %s', async (_what, method, path, body) => {
    const before = await prod();
    const answer = await other(path(), { method, ...(body && { body }) });
    expect([404, 422]).toContain(answer.status);
    expect(await prod()).toEqual(before);
  });

  it('changes nothing by what it may do in its own: the same names, ids, files and deletes', async () => {
    const before = await prod();
    const items = [{ crmId: '7', email: 'ona@example.org', visits: 2, $messageId: 'm' }];
    for (const [path, body] of [
      ['/v1/datasets/crm/records', items],
      ['/v1/datasets/crm/upserts', [{ crmId: '7', $ifRevision: 0, tags: ['x'] }]],
      ['/v1/datasets/orders/events', [order('a', { order: { priceTotal: 1 } })]],
    ] as const) {
      const { status } = await service.fetch(path, { sandbox: 'other', body });
      expect(status).toBe(202);
    }
    const file = { sandbox: 'other', body: JSON.stringify(order('b', { crmId: '8' })) };
    const sent = await service.fetch('/v1/datasets/orders/batches?format=ndjson', file);
    // The same file is no duplicate here.
    expect(sent.status).toBe(202);
    for (const path of ['/v1/datasets/orders/data', '/v1/datasets/crm']) {
      const { body } = await other(path, { method: 'DELETE' });
      await waitForJob(service, (body as { job: string }).job, 'other');
    }
    await service.fetch('/v1/sandboxes/other/reset', { body: { confirm: 'other' } });
    expect(await prod()).toEqual(before);
    expect((await endOfBatch(service, batch)).status).toBe('success');
  });
});
