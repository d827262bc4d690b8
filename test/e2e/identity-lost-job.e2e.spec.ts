import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect } from '@jest/globals';

import { STREAM_PREFIX } from '#core';
import type { RecordedEvent } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';

import { defineCrm } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';
import { onEmbeddedEngines } from '../support/test-engines.js';

let service: Service;

beforeEach(async () => {
  service = await startService();
});
afterEach(async () => {
  await service.stop();
  killServices();
});

/** What a process leaves that dies after the change of the settings and before the request for its job. */
async function appendSettings(file: string, settings: object): Promise<void> {
  const log = await openSqliteEventLog({ file, writer: 'inline' });
  try {
    const { stream, revision } = await lastOfCatalog(log);
    const sandbox = stream.slice(STREAM_PREFIX.catalog.length);
    const event = { id: randomUUID(), type: 'IdentitySettingsChanged', data: JSON.stringify(settings) };
    const [written] = await log.append({
      common: { sandbox, ingestedAt: Date.now(), v: 1 },
      writes: [{ stream, expected: revision, events: [event] }],
    });
    expect(written?.outcome).toBe('written');
  } finally {
    await log.close();
  }
}

async function lastOfCatalog(log: Awaited<ReturnType<typeof openSqliteEventLog>>): Promise<RecordedEvent> {
  let last: RecordedEvent | undefined;
  const stop = new AbortController();
  for await (const page of log.subscribe({ after: '', prefixes: [STREAM_PREFIX.catalog], signal: stop.signal })) {
    last = page.events.at(-1) ?? last;
    if (page.caughtUp) break;
  }
  stop.abort();
  if (last === undefined) throw new Error('nothing is defined');
  return last;
}

describe('a change of the identity settings whose job was never asked for', () => {
  onEmbeddedEngines('is followed by all profiles after the next start', async () => {
    await defineCrm(service);
    const records = [
      { crmId: '1', email: 'family@example.org' },
      { crmId: '2', email: 'family@example.org' },
    ];
    const { token } = await service.fetch('/v1/datasets/crm/records', { body: records });
    const { body } = await service.fetch('/v1/profiles/CRMID/1', { token });
    expect((body as { identities: unknown[] }).identities).toHaveLength(3);
    await service.kill('SIGKILL');
    await appendSettings(join(service.dataDir, 'event-log.sqlite'), {
      ...{ unique: ['CRMID'], priority: [], maxIdentities: 50, blockedValues: [], version: 1 },
    });
    service = await service.restart();
    for (;;) {
      const answer = await service.fetch('/v1/profiles/CRMID/1');
      if (answer.status === 200 && (answer.body as { identities: unknown[] }).identities.length < 3) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await service.fetch('/v1/identity-settings')).body).toMatchObject({ unique: ['CRMID'], version: 1 });
  });
});
