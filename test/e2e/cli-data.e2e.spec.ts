import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { tessera, type CliEnded } from '../support/cli.js';
import { defineCrm, given, order } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  service = await startService();
  await defineCrm(service);
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
  killServices();
});

/** Runs a command in the sandbox `prod` of the service; nobody sits in front of it. */
const at = (...words: readonly string[]): Promise<CliEnded> => tessera(words, { env: { TESSERA_URL: service.url } });
const profile = (id: string, token?: string) => service.fetch(`/v1/profiles/CRMID/${id}`, { token });

/** Loads events as a file: the id of their batch. */
async function loadedBatch(...ids: readonly string[]): Promise<string> {
  const file = join(folder, `${ids.join()}.ndjson`);
  writeFileSync(file, ids.map((id) => JSON.stringify(order(id, { crmId: id }))).join('\n'));
  expect((await at('load', file, '--dataset', 'orders')).status).toBe(0);
  const [, id] =
    /^([0-9a-f]{32}) /m.exec((await at('batch', 'list', '--dataset', 'orders', '--limit', '1')).stdout) ?? [];
  return id as string;
}

describe('tessera delete', () => {
  it('deletes what an identity owns, says what stays, and with --scope profile deletes that, too', async () => {
    await given(service, 'crm/records', [{ crmId: 'a/ 1', email: 'a1@example.org' }]);
    await given(service, 'loyalty/records', [{ crmId: 'a/ 1', tags: ['gold'] }]);
    const token = await given(service, 'orders/events', [
      order('o', { crmId: undefined as never, identityMap: { Email: [{ id: 'a1@example.org', primary: true }] } }),
    ]);
    await profile('a%2F%201', token);

    const own = await at('delete', 'CRMID', 'a/ 1', '--yes');
    const rest = await at('delete', 'CRMID', 'a/ 1', '--scope', 'profile', '--yes');
    const again = await at('delete', 'CRMID', 'a/ 1', '--scope', 'profile', '--yes');

    expect(own).toMatchObject({ status: 0, stdout: 'deleted 2 fragments\n' });
    expect(own.stderr).toContain('1 fragments of the same profile stay');
    expect(rest).toMatchObject({ status: 0, stdout: 'deleted 1 fragments\n', stderr: '' });
    expect(again).toMatchObject({ status: 1, stdout: '', stderr: 'tessera: there is nothing of CRMID a/ 1\n' });
  });

  it('does nothing without --yes where nobody can be asked', async () => {
    const token = await given(service, 'crm/records', [{ crmId: 'a2' }]);

    const ended = await at('delete', 'CRMID', 'a2');

    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('say --yes') });
    expect((await profile('a2', token)).status).toBe(200);
  });
});

describe('tessera dataset', () => {
  it('lists and shows datasets with what they hold', async () => {
    await given(service, 'parked/events', [order('p-1'), order('p-2')]);

    const list = await at('dataset', 'list');
    const show = await at('dataset', 'show', 'parked');

    expect(list.stdout).toMatch(/^crm +crm +false +arrival +true/m);
    expect(show.stdout).toMatch(/^enabled +false$/m);
    expect(show.stdout).toMatch(/^counts\.events +0$/m);
  });

  it('enables with what came in before, and disables', async () => {
    await given(service, 'parked/events', [order('p-3', { crmId: 'b1' }), order('p-4', { crmId: 'b2' })]);

    const enabled = await at('dataset', 'enable', 'parked', '--backfill');

    expect(enabled).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^parked is enabled; \d+ fragments show/),
    });
    expect((await profile('b1')).body).toMatchObject({ events: { count: 1 } });
    expect(await at('dataset', 'disable', 'parked')).toMatchObject({ status: 0, stdout: 'parked is disabled\n' });
    expect(await at('dataset', 'enable', 'parked')).toMatchObject({ status: 0, stdout: 'parked is enabled\n' });
  });

  it('empties one, then deletes it, and only when it is meant', async () => {
    await service.fetch('/v1/datasets/short', { method: 'PUT', body: { schema: 'crm' } });
    await given(service, 'short/records', [{ crmId: 'c1' }, { crmId: 'c2' }]);

    const unasked = await at('dataset', 'delete', 'short');
    const emptied = await at('dataset', 'delete-data', 'short', '--yes');
    const deleted = await at('dataset', 'delete', 'short', '--yes');
    const gone = await at('dataset', 'show', 'short');

    expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('say --yes') });
    expect(emptied).toMatchObject({ status: 0, stdout: 'deleted 2 fragments\n' });
    expect(deleted).toMatchObject({ status: 0, stdout: 'deleted 0 fragments\n' });
    expect(gone).toMatchObject({ status: 2, stderr: expect.stringContaining('DATASET_NOT_FOUND') });
  });
});

describe('tessera batch', () => {
  it('shows a batch with its refused rows', async () => {
    const file = join(folder, 'bad.csv');
    writeFileSync(file, 'crmId,visits\nd1,1\nd2,many\n');
    await at('load', file, '--dataset', 'crm', '--max-bad', '50');
    const [, id = ''] = /^([0-9a-f]{32}) /m.exec((await at('batch', 'list', '--dataset', 'crm')).stdout) ?? [];

    const { stdout } = await at('batch', 'show', id, '--refused', '5');

    expect(stdout).toMatch(/^status +success$/m);
    expect(stdout).toMatch(/^rows\.rejected +1$/m);
    expect(stdout).toContain('line 3: SCHEMA_VIOLATION visits: must be integer');
  });

  it('reverts one of events when it is meant', async () => {
    const id = await loadedBatch('e-1', 'e-2');

    const unasked = await at('batch', 'revert', id);
    const reverted = await at('batch', 'revert', id, '--yes');

    expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('Take 2 events of orders out') });
    expect(reverted).toMatchObject({ status: 0, stdout: 'reverted: 2 fragments had events of it\n' });
    expect((await profile('e-1')).status).toBe(404);
  });

  it('says why one cannot be aborted', async () => {
    const id = await loadedBatch('f-1');

    expect(await at('batch', 'abort', id)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('BATCH_NOT_ABORTABLE'),
    });
  });
});

describe('tessera sandbox', () => {
  it('creates, lists and empties one, and only when its name is said twice', async () => {
    const created = await at('sandbox', 'create', 'dev', '--title', 'Development');
    await defineCrm(service, 'dev');
    const unasked = await at('sandbox', 'reset', 'dev');
    const wrong = await at('sandbox', 'reset', 'dev', '--confirm', 'prod');
    const before = await at('dataset', 'list', '--sandbox', 'dev');
    const reset = await at('sandbox', 'reset', 'dev', '--confirm', 'dev');

    expect(created).toMatchObject({ status: 0, stdout: 'dev is created\n' });
    expect((await at('sandbox', 'list')).stdout).toMatch(/^dev +Development /m);
    expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('say --confirm dev') });
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('--confirm says prod, not dev') });
    expect(before.stdout).toContain('crm');
    expect(reset).toMatchObject({ status: 0, stdout: 'dev is empty\n' });
    expect((await at('dataset', 'list', '--sandbox', 'dev')).stdout).toBe('');
    expect((await at('dataset', 'list')).stdout).toContain('crm');
  });
});
