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

/** A log whose subscriptions give nothing any more after they have caught up, until they are let go on. */
function fallingSilent(log: EventLog): { readonly reader: EventLogReader; readonly goOn: () => void } {
  let goOn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  async function* subscribe(options: SubscribeOptions): AsyncIterable<EventPage> {
    let caughtUp = false;
    for await (const page of log.subscribe(options)) {
      if (caughtUp) await gate;
      yield page;
      caughtUp ||= page.caughtUp;
    }
  }
  const reader = Object.assign(Object.create(log) as EventLogReader, {
    head: () => log.head(),
    readStream: (...question: Parameters<EventLog['readStream']>) => log.readStream(...question),
    subscribe,
  });
  return { reader, goOn: () => goOn() };
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

  it('is not waited for while nothing of the sandbox is missing, however silent its subscription', async () => {
    await createSandbox('one');
    const { reader, goOn } = fallingSilent(engines.log);
    const following = await follow(reader);
    const token = await append(engines.log, 'fragment_one00000_00-a', 'RecordIngested', {});
    expect(await following.open({ sandbox: 'one', token })).toMatchObject({ sandbox: 'one00000' });
    expect(following.position < token).toBe(true);
    goOn();
  });

  it.each([
    [
      'an event of the sandbox',
      () => append(engines.log, `${STREAM_PREFIX.catalog}one00000`, 'MergePolicyCreated', {}),
    ],
    ['a sandbox', () => createSandbox('two')],
  ])('is waited for while it lacks %s', async (_what, change) => {
    await createSandbox('one');
    const { reader, goOn } = fallingSilent(engines.log);
    const following = await follow(reader);
    const token = await change();
    let isOpen = false;
    const opening = following.open({ sandbox: 'one', token }).then(() => (isOpen = true));
    // Looks that find something missing are repeated.
    for (let looks = 0; looks < 3; looks += 1) await following.waitFor(token, 10).catch(() => undefined);
    expect(isOpen).toBe(false);
    goOn();
    await opening;
    expect(following.position >= token).toBe(true);
  });

  it('is not there for a token that the log does not reach', async () => {
    await createSandbox('one');
    const following = await follow(engines.log);
    const token = (await engines.log.head()).replace(/./g, 'f');
    await expect(following.open({ sandbox: 'one', token })).rejects.toMatchObject({ code: 'NOT_YET_VISIBLE' });
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
