import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { tessera } from '../support/cli.js';
import { defineCrm } from '../support/crm-catalog.js';
import { IdentityGraph } from '../support/identity-graph.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const graph = new IdentityGraph(() => service);

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
  await graph.given('crm/records', [
    { crmId: '7', email: 'info@shop.example' },
    { crmId: '8', email: 'info@shop.example' },
  ]);
});
afterAll(() => service.stop());
afterAll(killServices);

const identity = (...words: readonly string[]) =>
  tessera(['identity', ...words], { env: { TESSERA_URL: service.url } });

describe('tessera identity', () => {
  it('set changes what it names and leaves the rest, settings shows them', async () => {
    const first = await identity('set', '--unique', 'crmid', '--block-value', 'a', 'b', '--limit', '60');
    expect(first).toMatchObject({ status: 0 });
    expect(first.stdout).toMatch(/all profiles follow them, after \d+\.\d s\n$/);
    await identity('set', '--priority', 'CRMID, email', '--allow-value', 'A', '--block-value', 'c');
    const { status, stdout } = await identity('settings');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^unique namespaces +CRMID$/m);
    expect(stdout).toMatch(/^priority +CRMID, Email$/m);
    expect(stdout).toMatch(/^identities at most +60$/m);
    expect(stdout).toMatch(/^blocked values +b, c$/m);
    expect(stdout).toMatch(/^version +2, since \d{4}-/m);
    expect(await identity('set', '--limit', '60')).toMatchObject({
      status: 0,
      stdout: 'the settings are like this already\n',
    });
    expect((await identity('set', '--unique', '', '--priority', '')).stdout).toMatch(/^unique namespaces +none$/m);
  });

  it('set says what is wrong with a namespace', async () => {
    expect(await identity('set', '--unique', 'NOPE')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('unique[0]: there is no namespace "NOPE"'),
    });
  });

  it('block parts two people, unblock joins them again', async () => {
    const words = ['crmid', '8', 'Email', 'Info@shop.example', '--reason', 'of the shop'];
    expect(await graph.cluster('CRMID:7')).toHaveLength(3);
    expect(await identity('block', ...words, '--by', 'ona')).toMatchObject({
      status: 0,
      stdout: 'CRMID:8 - Email:info@shop.example is blocked\n',
    });
    await graph.given('crm/records', [{ crmId: 'later' }]);
    expect(await graph.links('CRMID:8')).toMatchObject([{ state: 'blocked', reason: 'of the shop', by: 'ona' }]);
    expect(await identity('unblock', ...words)).toMatchObject({
      status: 0,
      stdout: 'CRMID:8 - Email:info@shop.example counts again\n',
    });
    await graph.given('crm/records', [{ crmId: 'later' }]);
    expect(await graph.cluster('CRMID:7')).toHaveLength(3);
    expect(await identity('unblock', ...words)).toMatchObject({
      status: 1,
      stderr: 'tessera: there is no blocked link between crmid:8 and Email:Info@shop.example\n',
    });
  });

  it('block says that nothing links two, and wants a reason', async () => {
    expect(await identity('block', 'CRMID', '7', 'CRMID', '8', '--reason', 'x')).toMatchObject({
      status: 1,
      stderr: 'tessera: nothing links CRMID:7 and CRMID:8\n',
    });
    expect(await identity('block', 'CRMID', '7', 'CRMID', '8')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("required option '--reason <text>'"),
    });
  });

  it('signals tells them, for people and as JSON', async () => {
    await identity('set', '--limit', '3');
    const { status, stdout } = await identity('signals');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1 profile near the limit of 3 identities\n {2}CRMID:7 {2}3$/m);
    const json = JSON.parse((await identity('signals', '--json')).stdout) as unknown;
    expect(json).toMatchObject({ nearLimit: { count: 1, items: [{ size: 3, evicted: false }] } });
  });
});
