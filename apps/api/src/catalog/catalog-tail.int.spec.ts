import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { STREAM_PREFIX, type Position } from '#core';
import type { EventLog, EventLogReader, EventPage, SubscribeOptions } from '#event-log';
import { createLogger } from '#observability';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { CatalogTail } from './catalog-tail.js';

let engines: EmbeddedEngines;
let tail: CatalogTail | undefined;

beforeEach(async () => {
  engines = await openEmbeddedEngines();
});

afterEach(async () => {
  await tail?.onModuleDestroy();
  await engines.dispose();
});

async function follow(log: EventLogReader): Promise<CatalogTail> {
  tail = new CatalogTail(log, createLogger('silent', 'test'));
  await tail.start();
  return tail;
}

async function append(log: EventLog, stream: string, type: string, data: object): Promise<Position> {
  const [outcome] = await log.append({
    common: { ingestedAt: 0, v: 1 },
    writes: [{ stream, expected: 'any', events: [{ id: randomUUID(), type, data: JSON.stringify(data) }] }],
  });
  if (outcome?.outcome !== 'written') throw new Error('the event was not written');
  return outcome.position;
}

const createSandbox = (name: string) =>
  append(engines.log, STREAM_PREFIX.system, 'SandboxCreated', {
    name,
    sandboxId: `${name}00000`.slice(0, 8),
    title: name,
  });

/** A log whose first subscriptions end after a page each, with an error or without. */
function breakingOff(log: EventLog, endings: readonly ('error' | 'end')[]): EventLogReader {
  const left = [...endings];
  async function* onePage(options: SubscribeOptions, ending: 'error' | 'end'): AsyncIterable<EventPage> {
    for await (const page of log.subscribe(options)) {
      yield page;
      break;
    }
    if (ending === 'error') throw new Error('the connection is gone');
  }
  return Object.assign(Object.create(log) as EventLogReader, {
    head: () => log.head(),
    subscribe: (options: SubscribeOptions) => {
      const ending = left.shift();
      return ending === undefined ? log.subscribe(options) : onePage(options, ending);
    },
  });
}

describe('the tail of the catalog', () => {
  it('goes on where a subscription broke off', async () => {
    await createSandbox('one');
    const following = await follow(breakingOff(engines.log, ['error', 'end', 'error']));
    for (const name of ['two', 'three', 'four']) await following.waitFor(await createSandbox(name));
    expect([...following.sandboxes.state.keys()]).toEqual(['one', 'two', 'three', 'four']);
    expect(following.sandboxes.revision).toBe(3);
  });

  it('reaches positions of streams that it does not read', async () => {
    const following = await follow(engines.log);
    await createSandbox('one');
    const position = await append(engines.log, 'fragment_one00000_00-a', 'RecordIngested', {});
    await following.waitFor(position);
    expect(following.position >= position).toBe(true);
    expect([...following.sandboxes.state.keys()]).toEqual(['one']);
  });

  it('passes over events that it does not know, and counts them', async () => {
    await createSandbox('one');
    const stream = `${STREAM_PREFIX.catalog}one00000`;
    await append(engines.log, stream, 'MergePolicyCreated', { id: 'p' });
    const following = await follow(engines.log);
    expect(following.catalog('one').revision).toBe(0);
    expect(following.sandbox('one').datasets.size).toBe(0);
  });
});
