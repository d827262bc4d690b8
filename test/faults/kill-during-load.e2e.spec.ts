import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tessera } from '../support/cli.js';
import { type Service, startService } from '../support/service.js';
import { onceVisible } from './support/expectations.js';
import { type Acknowledged, KILLS, killingProxy, type KillingProxy } from './support/killing-proxy.js';

const SETUP = fileURLToPath(new URL('../../examples/retail/setup.json', import.meta.url));
const CUSTOMERS = 20;
const EVENTS = 6_000;
const ITEMS_PER_CHUNK = 200;

let folder: string;
let service: Service;
let proxy: KillingProxy | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-kill-'));
  service = await startService({ dataDir: join(folder, 'data') });
  expect((await tessera(['setup', SETUP, '--url', service.url])).status).toBe(0);
});

afterEach(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
  // Last, as it throws what went wrong during a restart.
  await proxy?.close();
  proxy = undefined;
});

const customerOf = (event: number): string => `customer-${event % CUSTOMERS}`;
const idOf = (event: number): string => `kill-${event}-1`;

/** An invoice of one line each: the client sends them in chunks of its own. */
function eventsFile(): string {
  const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
  const lines = Array.from({ length: EVENTS }, (_, event) => {
    const time = new Date(Date.UTC(2011, 0, 1) + event * 1000).toISOString().replace('T', ' ').slice(0, 19);
    return `kill-${event},${event},LANTERN,1,${time},2.55,${customerOf(event)},France`;
  });
  const path = join(folder, 'events.csv');
  writeFileSync(path, [header, ...lines].join('\n'));
  return path;
}

/** Ids of all events that profiles show, those that show twice twice. */
async function visibleIds(token?: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let customer = 0; customer < CUSTOMERS; customer += 1) {
    const path = `/v1/profiles/CRMID/${customerOf(customer)}/events?limit=1000`;
    const { status, body } = await onceVisible(() => service.fetch(path, { token }));
    // Nothing of this customer has been taken yet.
    if (status === 404) continue;
    expect(status).toBe(200);
    const { items, next } = body as { items: { data: { _id: string } }[]; next?: string };
    expect(next).toBeUndefined();
    ids.push(...items.map(({ data }) => data._id));
  }
  return ids;
}

/** After each restart: what was acknowledged before is there, and there once. */
async function expectVisibleOnce({ ids, token }: Acknowledged): Promise<void> {
  const visible = await visibleIds(token);
  const once = new Set(visible);
  expect(visible).toHaveLength(once.size);
  expect(ids.filter((id) => !once.has(id))).toEqual([]);
}

describe('kill -9 in the middle of a load', () => {
  it('loses no acknowledged item, doubles none, and the load finishes', async () => {
    const checked: number[] = [];
    proxy = await killingProxy({
      url: service.url,
      async restart(acknowledged) {
        await service.kill('SIGKILL');
        service = await service.restart();
        await expectVisibleOnce(acknowledged);
        checked.push(acknowledged.ids.length);
        return service.url;
      },
    });

    const retail = ['--format', 'retail', '--dataset', 'purchases'];
    const words = ['load', eventsFile(), ...retail, '--chunk', String(ITEMS_PER_CHUNK), '--wait'];
    const ended = await tessera([...words, '--url', proxy.url]);

    expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining(', 0 refused') });
    expect(proxy.kills()).toEqual(KILLS.map(({ moment }) => moment));
    // Every check had more to look at than the one before.
    expect(checked).toEqual([...new Set(checked)].sort((one, other) => one - other));
    const wanted = Array.from({ length: EVENTS }, (_, event) => idOf(event));
    expect([...(await visibleIds())].sort()).toEqual(wanted.sort());
    const verified = await tessera(['verify', '--url', service.url]);
    expect(verified).toMatchObject({ status: 0, stderr: expect.stringContaining(' 0 differ') });
  });
});
