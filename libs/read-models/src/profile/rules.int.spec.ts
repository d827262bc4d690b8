import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { catalogStream, namingSecret } from '#core';
import { ProjectionRunner } from '#projection';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { SANDBOX } from '../../../../test/support/ingested.js';
import { profileProjection } from './profile.projection.js';
import { RULES } from './rules.js';

const projection = profileProjection(namingSecret('5'.repeat(64)));
const version = { projection: 'profile', version: 1000 };

describe('the rules of a sandbox', () => {
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  async function given(type: string, data: object, sandbox = SANDBOX): Promise<void> {
    const event = { id: randomUUID(), type, data: JSON.stringify(data) };
    const common = { sandbox, ingestedAt: 1 };
    await engines.log.append({
      common,
      writes: [{ stream: catalogStream(sandbox), expected: 'any', events: [event] }],
    });
  }

  async function fold(): Promise<Record<string, unknown>> {
    const { log, store } = engines;
    const runner = new ProjectionRunner({ log, store, projection, version, poison: 'stop', pageSize: 2 });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    const found = await store.reader(version).scan(RULES.name, { limit: 10 });
    return Object.fromEntries(found.map(({ key, body }) => [key, JSON.parse(body) as unknown]));
  }

  it('know the types of its own namespaces, and nothing of other sandboxes or other events', async () => {
    await given('NamespaceDefined', { code: 'WEB', name: 'Browser', idType: 'COOKIE', caseSensitive: true });
    await given('DatasetEnabledForProfile', { id: 'crm' });
    await given('NamespaceDefined', { code: 'constructor', name: 'x', idType: 'DEVICE', caseSensitive: true });
    await given('NamespaceDefined', { code: 'WEB', name: 'Till', idType: 'DEVICE', caseSensitive: true }, 'sbx00002');
    expect(await fold()).toEqual({
      [SANDBOX]: { sandbox: SANDBOX, revision: 2, idTypes: { WEB: 'COOKIE', constructor: 'DEVICE' } },
      sbx00002: { sandbox: 'sbx00002', revision: 0, idTypes: { WEB: 'DEVICE' } },
    });
  });
});
