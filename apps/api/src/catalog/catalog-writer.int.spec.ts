import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createDefaultSandbox, defineNamespace, type Decision, type SandboxCatalog } from '#catalog';
import { catalogStream } from '#core';
import type { AppendRequest, EventLog } from '#event-log';
import { createLogger } from '#observability';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { mintSandboxId } from '../sandboxes/sandbox-id.js';
import { CatalogTail } from './catalog-tail.js';
import { CatalogWriter } from './catalog-writer.js';

const NOW = Date.parse('2010-12-01T08:26:00Z');
const request = { sandbox: 'prod', requestId: 'r1' };
const namespace =
  (code: string, name = code) =>
  (catalog: SandboxCatalog) =>
    defineNamespace(catalog, { code, name, idType: 'COOKIE' });

/** An API process, as far as the catalog goes. */
async function startProcess(log: EventLog) {
  const tail = new CatalogTail(log, createLogger('silent', 'test'));
  const writer = new CatalogWriter(log, { now: () => NOW }, randomUUID, tail);
  await tail.start();
  await writer.changeSandboxes({}, (sandboxes) =>
    createDefaultSandbox(sandboxes, { sandboxId: mintSandboxId(randomUUID) }),
  );
  return { tail, writer };
}

describe('changing a catalog', () => {
  let engines: EmbeddedEngines;
  const processes: CatalogTail[] = [];
  const start = async (log: EventLog = engines.log) => {
    const started = await startProcess(log);
    processes.push(started.tail);
    return started;
  };

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });

  afterEach(async () => {
    for (const tail of processes.splice(0)) await tail.onModuleDestroy();
    await engines.dispose();
  });

  it('is seen at once by the process that did it, and stamped with sandbox, time and request', async () => {
    const { tail, writer } = await start();
    const change = await writer.changeCatalog(request, namespace('CRMID'));
    expect(change).toEqual({ created: true, changed: true, position: await engines.log.head() });
    const { sandbox, namespaces } = tail.sandbox('prod');
    expect(namespaces.get('crmid')).toMatchObject({ code: 'CRMID', createdAt: '2010-12-01T08:26:00.000Z' });
    const { events } = await engines.log.readStream(catalogStream(sandbox));
    expect(events).toMatchObject([
      {
        type: 'NamespaceDefined',
        revision: 0,
        data: '{"code":"CRMID","name":"CRMID","idType":"COOKIE","caseSensitive":true}',
        metadata: { sandbox, ingestedAt: NOW, requestId: 'r1', v: 1 },
      },
    ]);
  });

  it('appends nothing when there is nothing to change, and answers a position that is reached', async () => {
    const { tail, writer } = await start();
    await writer.changeCatalog(request, namespace('CRMID'));
    const head = await engines.log.head();
    const again = await writer.changeCatalog(request, namespace('crmid', 'CRMID'));
    expect(again).toEqual({ created: false, changed: false, position: head });
    expect(await engines.log.head()).toBe(head);
    expect(tail.position).toBe(head);
  });

  it('is refused as the decider refuses it', async () => {
    const { writer } = await start();
    await writer.changeCatalog(request, namespace('CRMID'));
    const refused = writer.changeCatalog(request, namespace('CRMID', 'other'));
    await expect(refused).rejects.toMatchObject({ code: 'NAMESPACE_DIFFERS', errors: [{ path: 'name' }] });
  });

  it('happens in turn for the requests of one process, however many there are', async () => {
    const { tail, writer } = await start();
    const codes = Array.from({ length: 20 }, (_, i) => `N${String(i)}`);
    await Promise.all(codes.map((code) => writer.changeCatalog(request, namespace(code))));
    const { sandbox, namespaces } = tail.sandbox('prod');
    expect(codes.filter((code) => !namespaces.has(code.toLowerCase()))).toEqual([]);
    const { events } = await engines.log.readStream(catalogStream(sandbox));
    expect(events.map(({ revision }) => revision)).toEqual(codes.map((_, i) => i));
  });

  it('of several processes at once ends in one order that all agree on', async () => {
    const one = await start();
    const other = await start();
    const changes = ['A', 'B', 'C', 'D'].flatMap((code) =>
      [one, other].map(({ writer }) => writer.changeCatalog(request, namespace(code))),
    );
    const results = await Promise.all(changes);
    expect(results.filter(({ created }) => created)).toHaveLength(4);
    const head = await engines.log.head();
    await Promise.all([one, other].map(({ tail }) => tail.waitFor(head)));
    expect(one.tail.sandbox('prod')).toEqual(other.tail.sandbox('prod'));
  });

  it('decides again on what the other process has written', async () => {
    const other = await start();
    const held = await start();
    let decisions = 0;
    const decideLate = (catalog: SandboxCatalog): Decision<never> | ReturnType<typeof defineNamespace> => {
      decisions += 1;
      return namespace('CRMID', 'mine')(catalog);
    };
    // The other process is quicker: its event is in the stream before this one appends.
    const log = interrupted(engines.log, () => other.writer.changeCatalog(request, namespace('CRMID', 'theirs')));
    const slow = new CatalogWriter(log, { now: () => NOW }, randomUUID, held.tail);
    await expect(slow.changeCatalog(request, decideLate)).rejects.toMatchObject({ code: 'NAMESPACE_DIFFERS' });
    expect(decisions).toBe(2);
  });

  it('gives up when others are quicker again and again', async () => {
    const other = await start();
    const held = await start();
    let count = 0;
    const log = interrupted(
      engines.log,
      () => other.writer.changeCatalog(request, namespace(`N${String((count += 1))}`)),
      Infinity,
    );
    const slow = new CatalogWriter(log, { now: () => NOW }, randomUUID, held.tail);
    const change = slow.changeCatalog(request, namespace('CRMID'));
    await expect(change).rejects.toMatchObject({ code: 'CONCURRENT_CHANGE', retryable: true });
    expect(count).toBe(5);
  });

  it('waits for the write that the request wants to see, and no longer than it may', async () => {
    const { tail, writer } = await start();
    const { position } = await writer.changeCatalog(request, namespace('CRMID'));
    expect((await tail.open({ sandbox: 'prod', token: position })).namespaces.has('crmid')).toBe(true);
    const future = 'f'.repeat(position.length);
    await expect(tail.waitFor(future, 1)).rejects.toMatchObject({ code: 'NOT_YET_VISIBLE' });
    await expect(tail.waitFor('ff')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('in a sandbox that is not there is refused', async () => {
    const { writer } = await start();
    const change = writer.changeCatalog({ sandbox: 'none' }, namespace('CRMID'));
    await expect(change).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  });

  it('is there after a restart, and the default sandbox is created once', async () => {
    const { tail, writer } = await start();
    await writer.changeCatalog(request, namespace('CRMID'));
    const again = await start();
    expect(again.tail.sandbox('prod')).toEqual(tail.sandbox('prod'));
    expect([...again.tail.sandboxes.state.keys()]).toEqual(['prod']);
  });
});

/** The log of a process that is held up just before it appends, as often as `times`. */
function interrupted(log: EventLog, meanwhile: () => Promise<unknown>, times = 1): Pick<EventLog, 'append' | 'head'> {
  let left = times;
  return {
    append: async (request: AppendRequest) => {
      if (left > 0) await meanwhile();
      left -= 1;
      return log.append(request);
    },
    head: () => log.head(),
  };
}
