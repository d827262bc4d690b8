import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { fragmentStream, namingSecret, POSITION_START, type Position } from '#core';
import type { EventLog } from '#event-log';
import type { DatasetJobKind } from '#projection';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import { datasetPass } from './dataset-pass.js';

const secret = namingSecret('5'.repeat(64));
const DELETED = { lifecycle: { type: 'FragmentDeleted' }, item: {} } as const;

let engines: EmbeddedEngines;
let log: EventLog;

beforeEach(async () => {
  engines = await openEmbeddedEngines();
  log = engines.log;
});
afterEach(() => engines.dispose());

const item = (id: string, item: GivenItem['item'], more: Partial<GivenItem> = {}): GivenItem => ({
  dataset: 'crm',
  owner: crm(id),
  item,
  ...more,
});

function pass(until: Position, kind: DatasetJobKind = 'delete-dataset-data', id = 'job00001', over = log) {
  const target = { sandbox: SANDBOX, sandboxName: 'prod', dataset: 'crm', createdAt: '', head: until };
  const { signal } = new AbortController();
  const progress = () => Promise.resolve();
  return datasetPass(
    { log: over, kind, target, id, now: () => 2_000, signal, progress },
    { after: POSITION_START, until },
  );
}

async function eventsOf(id: string, dataset = 'crm') {
  const { events } = await log.readStream(fragmentStream(secret, SANDBOX, dataset, crm(id)));
  return events;
}
const typesOf = async (id: string, dataset?: string) => (await eventsOf(id, dataset)).map(({ type }) => type);

describe('a pass over a dataset that deletes', () => {
  it('appends to every fragment with items, shown or not, and to no other', async () => {
    const until = await appendItems(log, secret, [
      item('1', { a: 1 }),
      item('1', { a: 2 }),
      item('2', { a: 1 }, { shown: false }),
      item('3', { a: 1 }, { dataset: 'other' }),
      item('4', { a: 1 }, { sandbox: 'sbx00002' }),
    ]);
    expect(await pass(until)).toMatchObject({ fragments: 2 });
    expect(await typesOf('1')).toEqual(['RecordIngested', 'RecordIngested', 'FragmentDeleted']);
    expect(await typesOf('2')).toEqual(['RecordIngested', 'FragmentDeleted']);
    expect(await typesOf('3', 'other')).toEqual(['RecordIngested']);
    const { events } = await log.readStream(fragmentStream(secret, 'sbx00002', 'crm', crm('4')));
    expect(events).toHaveLength(1);
  });

  it('puts what came in after its position behind the delete, as it was', async () => {
    const until = await appendItems(log, secret, [item('1', { a: 1 }, { messageId: 'm1' })]);
    await appendItems(log, secret, [
      item('1', { b: 2 }, { messageId: 'm2', patch: { append: [], unset: [] }, batch: 'b1' }),
      item('2', { a: 1 }),
    ]);
    expect(await pass(until)).toMatchObject({ fragments: 1 });
    const [, sent, deleted, again, ...rest] = await eventsOf('1');
    expect(rest).toEqual([]);
    expect(deleted).toMatchObject({ type: 'FragmentDeleted', metadata: { dataset: 'crm', requestId: 'job00001' } });
    const { type, data, metadata, clientId } = sent!;
    expect(again).toMatchObject({ type, data, metadata, clientId });
    expect(again?.id).not.toBe(sent?.id);
    expect(await typesOf('2')).toEqual(['RecordIngested']);
  });

  it('does nothing to what it has deleted before, however much came in since', async () => {
    const until = await appendItems(log, secret, [item('1', { a: 1 }), item('2', { a: 1 })]);
    await pass(until);
    await appendItems(log, secret, [item('1', { b: 1 })]);
    expect(await pass(until)).toMatchObject({ fragments: 2, position: POSITION_START });
    expect(await typesOf('1')).toEqual(['RecordIngested', 'FragmentDeleted', 'RecordIngested']);
    expect(await typesOf('2')).toEqual(['RecordIngested', 'FragmentDeleted']);
  });

  it('does nothing to what somebody else has deleted', async () => {
    const until = await appendItems(log, secret, [item('1', { a: 1 }), item('1', {}, DELETED), item('2', { a: 1 })]);
    await appendItems(log, secret, [item('2', {}, DELETED), item('2', { b: 1 })]);
    expect(await pass(until)).toMatchObject({ fragments: 0 });
    expect(await typesOf('2')).toEqual(['RecordIngested', 'FragmentDeleted', 'RecordIngested']);
  });

  it('looks again at a fragment that got an item before its turn', async () => {
    const until = await appendItems(log, secret, [item('1', { a: 1 })]);
    let late = [item('1', { b: 1 })];
    const racing = appendingThrough(async (request) => {
      await appendItems(log, secret, late);
      late = [];
      return log.append(request);
    });
    expect(await pass(until, 'delete-dataset-data', 'job00001', racing)).toMatchObject({ fragments: 1 });
    const data = (await eventsOf('1')).map((event) => [event.type, event.data.slice(event.data.indexOf('"item"'))]);
    expect(data).toEqual([
      ['RecordIngested', '"item":{"a":1}}'],
      ['RecordIngested', '"item":{"b":1}}'],
      ['FragmentDeleted', expect.any(String)],
      ['RecordIngested', '"item":{"b":1}}'],
    ]);
  });
});

describe('a pass over a dataset that shows', () => {
  it('appends to fragments with items that were not shown, once', async () => {
    const until = await appendItems(log, secret, [
      item('1', { a: 1 }, { shown: false }),
      item('1', { a: 2 }),
      item('2', { a: 1 }),
    ]);
    expect(await pass(until, 'backfill-dataset')).toMatchObject({ fragments: 1 });
    expect(await pass(until, 'backfill-dataset')).toMatchObject({ fragments: 1, position: POSITION_START });
    expect(await typesOf('1')).toEqual(['RecordIngested', 'RecordIngested', 'FragmentBackfilled']);
    expect(await typesOf('2')).toEqual(['RecordIngested']);
  });
});

/** The log, but for `append`. */
function appendingThrough(append: EventLog['append']): EventLog {
  return {
    append,
    readStream: (...args) => log.readStream(...args),
    subscribe: (...args) => log.subscribe(...args),
    head: () => log.head(),
    distance: (...args) => log.distance(...args),
    deleteStream: (...args) => log.deleteStream(...args),
    close: () => log.close(),
  };
}
