import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, given, order, sendItems } from '../support/crm-catalog.js';
import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
  await given(service, 'crm/records', [{ crmId: 'prod-only', visits: 1 }]);
  await service.fetch('/v1/sandboxes/dev', { method: 'PUT', body: { title: 'Development' } });
});
afterAll(() => service.stop());
afterAll(killServices);

const reset = (name: string, confirm: unknown = name) =>
  service.fetch(`/v1/sandboxes/${name}/reset`, { body: { confirm } });
const inDev = (path: string, token?: string) => service.fetch(path, { sandbox: 'dev', token });
const send = (path: string, items: readonly JsonObject[]) =>
  sendItems(service, path, items, { 'x-sandbox-name': 'dev' });
const profilesOfProd = async () => ((await service.fetch('/v1/profiles')).body as { items: unknown[] }).items;
const projection = async (operation: string) => {
  const { body } = await service.fetch(`/v1/projections/profile/${operation}`, { method: 'POST' });
  return waitForJob(service, (body as { job: string }).job);
};

/** Nothing of what was there is left to be seen, neither by lists nor by name. */
async function isEmpty(token?: string): Promise<void> {
  for (const list of ['schemas', 'datasets', 'field-groups', 'batches', 'profiles']) {
    expect([list, (await inDev(`/v1/${list}`, token)).body]).toEqual([list, { items: [] }]);
  }
  const { body } = await inDev('/v1/namespaces', token);
  const codes = (body as { items: { code: string }[] }).items.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['ECID', 'Email', 'Phone']));
  expect(codes).not.toContain('CRMID');
  for (const path of ['namespaces/CRMID', 'schemas/crm', 'datasets/crm', 'datasets/crm/fragments/CRMID/1']) {
    expect([path, (await inDev(`/v1/${path}`, token)).status]).toEqual([path, 404]);
  }
  expect(await inDev('/v1/profiles/CRMID/1', token)).toMatchObject({
    status: 404,
    body: { code: 'NAMESPACE_NOT_FOUND' },
  });
  expect(await inDev('/v1/profiles/Email/one@example.org', token)).toMatchObject({ status: 404 });
}

async function fill(): Promise<void> {
  await defineCrm(service, 'dev');
  const { token } = await send('crm/records', [{ $messageId: 'm', crmId: '1', email: 'one@example.org', visits: 1 }]);
  await send('orders/events', [order('a', { crmId: '1' })]);
  expect((await inDev('/v1/profiles/CRMID/1', token)).status).toBe(200);
}

describe('resetting a sandbox', () => {
  beforeEach(async () => {
    await reset('dev');
    await fill();
  });

  it('leaves nothing of its catalog and its data, also after a restart and a rebuild', async () => {
    const { items } = (await inDev('/v1/profiles')).body as { items: { profileId: string }[] };
    const answer = await reset('dev');
    expect(answer).toMatchObject({ status: 200, body: { name: 'dev', title: 'Development' } });
    expect(answer.body).not.toHaveProperty('sandboxId');
    await isEmpty(answer.token);
    expect((await inDev(`/v1/profiles/${items[0]?.profileId}`)).status).toBe(404);
    await service.kill('SIGKILL');
    service = await service.restart();
    await isEmpty();
    expect(await projection('verify')).toMatchObject({ result: { differences: [] } });
    expect(await projection('rebuild')).toMatchObject({ state: 'succeeded' });
    await isEmpty();
  });

  it('begins anew: the same definitions, ids and identities, with nothing of before', async () => {
    await reset('dev');
    const namespace = { method: 'PUT', sandbox: 'dev', body: { name: 'Other', idType: 'COOKIE' } };
    expect((await service.fetch('/v1/namespaces/CRMID', namespace)).status).toBe(201);
    await reset('dev');
    await defineCrm(service, 'dev');
    expect((await inDev('/v1/profiles/CRMID/1')).status).toBe(404);
    const sent = await send('crm/records', [{ $messageId: 'm', crmId: '1', tags: ['new'] }]);
    expect(sent.body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await inDev('/v1/profiles/CRMID/1', sent.token)).body).toMatchObject({
      attributes: { crmId: '1', tags: ['new'] },
      identities: [{ namespace: 'CRMID', id: '1' }],
      events: { count: 0 },
    });
    expect((await inDev('/v1/datasets/crm')).body).toMatchObject({ counts: { recordFragments: 1, duplicates: 0 } });
  });

  it('touches no other sandbox, whichever the request names', async () => {
    const before = await profilesOfProd();
    const answer = await service.fetch('/v1/sandboxes/dev/reset', { body: { confirm: 'dev' }, sandbox: 'prod' });
    expect(answer.status).toBe(200);
    expect(await profilesOfProd()).toEqual(before);
    expect((await service.fetch('/v1/profiles/CRMID/prod-only')).body).toMatchObject({ attributes: { visits: 1 } });
    expect((await service.fetch('/v1/datasets/crm')).status).toBe(200);
    await isEmpty();
  });

  it('ends jobs that were under way, which leave what is there anew alone', async () => {
    const started = await service.fetch('/v1/datasets/crm', { method: 'DELETE', sandbox: 'dev' });
    expect(started.status).toBe(202);
    await reset('dev');
    await fill();
    await waitForJob(service, (started.body as { job: string }).job, 'dev');
    expect((await inDev('/v1/datasets/crm')).body).toMatchObject({ enabled: true, counts: { recordFragments: 1 } });
    expect((await inDev('/v1/profiles/CRMID/1')).body).toMatchObject({ attributes: { visits: 1 } });
  });

  it('hides batches', async () => {
    const file = { sandbox: 'dev', body: '{"crmId":"9"}\n', headers: { 'content-type': 'application/x-ndjson' } };
    const sent = await service.fetch('/v1/datasets/crm/batches', file);
    expect(sent.status).toBe(202);
    const { id } = sent.body as { id: string };
    await reset('dev');
    expect((await inDev(`/v1/batches/${id}`)).status).toBe(404);
    expect((await inDev('/v1/batches')).body).toEqual({ items: [] });
  });

  it.each(['', 'DEV', 'prod', 'dev ', undefined, 1, null, ['dev']])(
    'is refused with the confirmation %j',
    async (confirm) => {
      const body = confirm === undefined ? {} : { confirm };
      const answer = await service.fetch('/v1/sandboxes/dev/reset', { body });
      const expected =
        typeof confirm === 'string'
          ? { status: 422, code: 'CONFIRMATION_DIFFERS' }
          : { status: 400, code: 'INVALID_REQUEST' };
      expect(answer).toMatchObject({
        status: expected.status,
        body: { code: expected.code, errors: [{ path: 'confirm' }] },
      });
      expect((await inDev('/v1/profiles/CRMID/1')).status).toBe(200);
    },
  );

  it('is refused for one that there is not', async () => {
    for (const name of ['nowhere', '__proto__', 'Dev']) {
      expect(await reset(name)).toMatchObject({ status: 404, body: { code: 'SANDBOX_NOT_FOUND' } });
    }
    expect(((await service.fetch('/v1/sandboxes')).body as { items: { name: string }[] }).items).toHaveLength(2);
  });
});
