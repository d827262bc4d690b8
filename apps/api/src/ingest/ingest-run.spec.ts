import { describe, expect, it } from '@jest/globals';

import type { RawItem } from '#batch';
import {
  BUILT_IN_NAMESPACES,
  emptyCatalog,
  namespaceKey,
  NO_GROUPS,
  type Namespace,
  type SandboxCatalog,
} from '#catalog';
import { namingSecret, TesseraError, type Position } from '#core';
import type { AppendRequest, EventLog, WriteOutcome } from '#event-log';
import { FragmentNames } from '#profile';

import { IngestRun } from './ingest-run.js';
import { ingestSetup } from './ingest-setup.js';
import { ItemResults } from './item-results.js';
import type { KnownItems, Repeat } from './known-items.js';

const SECRET = namingSecret('ab'.repeat(32));
const CRMID: Namespace = { code: 'CRMID', name: 'CRM', idType: 'CROSS_DEVICE', caseSensitive: true, builtIn: false };
const at = '2024-01-01T00:00:00.000Z';
const CATALOG: SandboxCatalog = {
  ...emptyCatalog('aaaaaaaa'),
  namespaces: new Map([...BUILT_IN_NAMESPACES, [namespaceKey('CRMID'), CRMID]]),
  schemas: new Map([
    [
      'crm',
      {
        id: 'crm',
        title: 'Customers',
        class: 'profile',
        schema: { properties: { crmId: { type: 'string' } } },
        fieldGroups: [],
        groups: NO_GROUPS,
        identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }],
        identityMap: false,
        version: 3,
        enabled: true,
        createdAt: at,
        updatedAt: at,
      },
    ],
  ]),
  datasets: new Map([
    [
      'crm',
      { id: 'crm', schema: 'crm', upsert: false, ordering: 'arrival', enabled: true, createdAt: at, updatedAt: at },
    ],
  ]),
};

/** A log that answers each append when it is told to. */
class HeldLog {
  readonly requests: AppendRequest[] = [];
  readonly #answers: { answer: (outcomes: readonly WriteOutcome[]) => void; fail: (error: Error) => void }[] = [];

  append(request: AppendRequest): Promise<readonly WriteOutcome[]> {
    this.requests.push(request);
    return new Promise((answer, fail) => this.#answers.push({ answer, fail }));
  }

  /** Every write of the append becomes this outcome. */
  answer(append: number, outcome: (write: number) => WriteOutcome): void {
    this.#answers[append]?.answer(this.requests[append]!.writes.map((_, write) => outcome(write)));
  }

  fail(append: number, error: Error): void {
    this.#answers[append]?.fail(error);
  }
}

const written = (revision: number, position: Position): WriteOutcome => ({ outcome: 'written', revision, position });

type Find = () => Promise<readonly (Repeat | undefined)[]>;

function given(find: Find = () => Promise.resolve([])) {
  const log = new HeldLog();
  const results = new ItemResults('all');
  const target = { kind: 'record', dataset: 'crm', idempotencyKey: undefined } as const;
  const run = new IngestRun({
    setup: ingestSetup(CATALOG, target, new FragmentNames(SECRET), SECRET),
    requestId: 'r1',
    log: log as unknown as EventLog,
    known: { find } as unknown as KnownItems,
    clock: { now: () => 1_700_000_000_000 },
    results,
  });
  const listed = () => (JSON.parse(results.toJson()) as { results: unknown[] }).results;
  return { log, run, listed };
}

function slice(...ids: readonly string[]): RawItem[] {
  return ids.map((id, index) => ({ index, text: JSON.stringify({ crmId: id }) }));
}

/** Lets everything run that waits for nothing from outside: a slice takes one turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
}

describe('IngestRun', () => {
  it('stamps what all items have in common once per slice', async () => {
    const { log, run } = given();
    await run.take(slice('7'));
    expect(log.requests[0]?.common).toEqual({
      sandbox: 'aaaaaaaa',
      dataset: 'crm',
      shown: true,
      schemaVersion: 3,
      settingsVersion: 0,
      ingestedAt: 1_700_000_000_000,
      requestId: 'r1',
      v: 1,
    });
  });

  it('acknowledges an item with its revision and the newest position, whatever the order of the writes', async () => {
    const { log, run, listed } = given();
    await run.take(slice('7', '8', '7'));
    log.answer(0, (write) => (write === 0 ? written(4, '02') : written(0, '01')));
    await run.finish();
    expect(listed()).toEqual([
      { index: 0, status: 'accepted', revision: 3 },
      { index: 1, status: 'accepted', revision: 0 },
      { index: 2, status: 'accepted', revision: 4 },
    ]);
    expect(run.position).toBe('02');
  });

  it('has four slices under way at most', async () => {
    const { log, run } = given();
    const taking = (async () => {
      for (let i = 0; i < 6; i += 1) await run.take(slice(String(i + 1)));
    })();
    await settle();
    expect(log.requests).toHaveLength(4);
    log.answer(0, () => written(0, '01'));
    await settle();
    expect(log.requests).toHaveLength(5);
    for (let i = 1; i < 5; i += 1) log.answer(i, () => written(0, `0${i + 1}`));
    await taking;
    log.answer(5, () => written(0, '06'));
    await run.finish();
    expect(run.position).toBe('06');
  });

  it('keeps results in request order when the log answers in another', async () => {
    const { log, run, listed } = given();
    await run.take(slice('a'));
    await run.take(slice('b'));
    log.answer(1, () => written(1, '02'));
    await settle();
    expect(listed()).toEqual([]);
    log.answer(0, () => written(0, '01'));
    await run.finish();
    expect(listed()).toMatchObject([{ revision: 0 }, { revision: 1 }]);
  });

  it('acknowledges nothing of a slice of which one write is unknown', async () => {
    const { log, run, listed } = given();
    await run.take(slice('7', '8'));
    const error = new TesseraError('LOG_OUTCOME_UNKNOWN', 'who knows');
    log.answer(0, (write) => (write === 0 ? written(0, '01') : { outcome: 'unknown', error }));
    await expect(run.finish()).rejects.toBe(error);
    expect(listed()).toEqual([]);
  });

  it('fails with what the first failing slice failed with, also while later ones fail', async () => {
    const { log, run } = given();
    await run.take(slice('7'));
    await run.take(slice('8'));
    await run.take(slice('9'));
    const full = new TesseraError('LOG_FULL', 'no room');
    log.fail(1, new TesseraError('LOG_UNAVAILABLE', 'gone'));
    log.fail(0, full);
    await expect(run.take(slice('10'))).rejects.toBe(full);
  });

  it('hands slices over in request order when they are looked up in another', async () => {
    let answer: (repeats: readonly undefined[]) => void = () => undefined;
    const slow = new Promise<readonly undefined[]>((resolve) => (answer = resolve));
    let asked = 0;
    const { log, run } = given(() => (asked++ === 0 ? slow : Promise.resolve([])));
    await run.take(slice('a'));
    await run.take(slice('b', 'c'));
    await settle();
    expect(asked).toBe(2);
    expect(log.requests).toEqual([]);
    answer([]);
    await settle();
    expect(log.requests.map(({ writes }) => writes.length)).toEqual([1, 2]);
  });

  it('hands nothing over behind a slice that could not be looked up', async () => {
    const failure = new Error('a defect');
    let asked = 0;
    const { log, run } = given(() => (asked++ === 1 ? Promise.reject(failure) : Promise.resolve([])));
    for (const id of ['a', 'b', 'c']) await run.take(slice(id));
    await settle();
    expect(log.requests).toHaveLength(1);
    log.answer(0, () => written(0, '01'));
    await expect(run.finish()).rejects.toBe(failure);
  });

  it('does not append repeats, and appends nothing at all when there is nothing else', async () => {
    const { log, run, listed } = given(() => Promise.resolve(['DUPLICATE', 'ID_REUSED']));
    await run.take(slice('7', '8'));
    await run.finish();
    expect(log.requests).toEqual([]);
    expect(listed()).toEqual([
      { index: 0, status: 'duplicate', code: 'DUPLICATE' },
      { index: 1, status: 'duplicate', code: 'ID_REUSED' },
    ]);
  });
});
