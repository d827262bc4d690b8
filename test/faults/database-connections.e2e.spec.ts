import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { defineCrm } from '../support/crm-catalog.js';
import { reportEngine } from '../support/engines.js';
import type { JsonAnswer, JsonRequest } from '../support/fetch-json.js';
import { describeWithMongo } from '../support/mongodb/describe-with-mongo.js';
import { removeDatabases } from '../support/mongodb/remove-databases.js';
import { passAll, startWireProxy, type Verdict, type WireProxy } from '../support/mongodb/wire-proxy.js';
import { killServices, startService, type Service } from '../support/service.js';
import { expectIntact, onceVisible } from './support/expectations.js';
import { loadSteadily, type SteadyLoadResult } from './support/steady-load.js';

/** What is done to every seventh request of the service to its database, one after the other. */
const HARMS: readonly Verdict[] = ['cut', 'cut within', 'cut after', 'cut within'];
/** Requests of more bytes are reset while they are sent, in each second hundred of requests. */
const LONG_REQUEST = 4_000;

const LONG_TEXT = 'x'.repeat(90_000);

const READS: readonly (readonly [path: string, request?: JsonRequest])[] = [
  ['/v1/profiles/CRMID/customer-1'],
  ['/v1/profiles/CRMID/customer-2/events?limit=1000'],
  ['/v1/profiles/CRMID/customer-3/identities'],
  ['/v1/profiles/CRMID/customer-4/lineage'],
  ['/v1/profiles?limit=5'],
  ['/v1/profiles/lookup', { body: { identities: lookedUp() } }],
  ['/v1/merge-policies/preview', { body: { policy: preview() } }],
  ['/v1/datasets/orders'],
  ['/v1/identity-signals'],
  ['/v1/projections'],
  ['/health/ready'],
];

describeWithMongo('a service whose connections to the database are reset again and again', (mongoUrl) => {
  let proxy: WireProxy;
  let service: Service;
  let database: string;

  beforeEach(async () => {
    database = `tessera_e2e_${randomUUID().slice(0, 8)}`;
    proxy = await startWireProxy(mongoUrl());
    const store = new URL(proxy.url);
    store.pathname = `/${database}`;
    service = await startService({ env: { MONGODB_URL: store.href } });
    reportEngine('read store', 'mongodb');
    await defineCrm(service);
  });
  afterEach(async () => {
    await service.stop();
    killServices();
    await proxy.stop();
    await removeDatabases(mongoUrl(), database);
  });

  const load = (requests: number, inFlight: number): Promise<SteadyLoadResult> =>
    loadSteadily({
      url: () => service.url,
      requests,
      itemsPerRequest: 40,
      inFlight,
      fault: { after: 1, make: async () => undefined },
    });

  it('answers, or says that it cannot now and when to come again, and loses nothing', async () => {
    const before = await load(2, 1);
    expect((await service.fetch('/v1/profiles/CRMID/customer-1', { token: before.token })).status).toBe(200);
    let requests = 0;
    proxy.intercept = () => {
      requests += 1;
      proxy.longest = requests % 200 < 100 ? LONG_REQUEST : Infinity;
      return requests % 7 === 0 ? (HARMS[(requests / 7) % HARMS.length] as Verdict) : 'pass';
    };
    const long = await sendLong(service);
    const loading = load(60, 4);
    const isLoaded = settled(loading);
    const read = (await Promise.all(READS.map((one) => readOften(service, one, isLoaded)))).flat();
    const result = await loading;
    proxy.intercept = passAll;
    proxy.longest = Infinity;
    expect(read.filter((answer) => !isExpected(answer))).toEqual([]);
    // Else nothing was put to the test.
    const statuses = read.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(503);
    const shown = await onceVisible(() => service.fetch('/v1/profiles/CRMID/long-99', { token: long.token }));
    expect(shown).toMatchObject({ status: 200, body: { attributes: { notes: { text: LONG_TEXT } } } });
    await expectIntact(service, result);
    expect(service.stderr).not.toContain('"code":"INTERNAL"');
  });
});

/** Records that make requests of many megabytes of the commits of their fragments and profiles. */
async function sendLong(service: Service): Promise<JsonAnswer> {
  const records = Array.from({ length: 100 }, (_, id) => ({ crmId: `long-${id}`, notes: { text: LONG_TEXT } }));
  const answer = await onceVisible(() => service.fetch('/v1/datasets/crm/records', { body: records }));
  expect(answer.status).toBe(202);
  return answer;
}

/** Until the load has come to its end, and a few times at least. */
async function readOften(
  service: Service,
  [path, request]: (typeof READS)[number],
  isLoaded: () => boolean,
): Promise<(JsonAnswer & { readonly path: string })[]> {
  const answers: (JsonAnswer & { readonly path: string })[] = [];
  while (answers.length < 5 || !isLoaded()) answers.push({ path, ...(await service.fetch(path, request)) });
  return answers;
}

function settled(work: Promise<unknown>): () => boolean {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  work.then(settle, settle);
  return () => isSettled;
}

function isExpected({ status, headers }: JsonAnswer): boolean {
  if (status >= 200 && status < 300) return true;
  return (status === 503 || status === 429) && headers.get('retry-after') !== null;
}

function lookedUp() {
  return Array.from({ length: 20 }, (_, customer) => ({ namespace: 'CRMID', id: `customer-${customer}` }));
}

function preview() {
  return {
    name: 'Orders alone',
    class: 'profile',
    identityGraph: 'pdg',
    attributeMerge: { type: 'timestampOrdered' },
  };
}
