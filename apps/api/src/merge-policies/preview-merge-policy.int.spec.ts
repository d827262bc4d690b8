import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createDefaultSandbox } from '#catalog';
import { namingSecret } from '#core';
import { createLogger } from '#observability';
import { ProjectionRunner } from '#projection';
import { PROFILE_PROJECTION, profileProjection } from '#read-models';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm } from '../../../../test/support/ingested.js';
import { CatalogTail } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { LiveView } from '../common/live-view.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import { mintSandboxId } from '../sandboxes/sandbox-id.js';
import { PreviewMergePolicy, PreviewMergePolicyHandler } from './preview-merge-policy.handler.js';

const secret = namingSecret('5'.repeat(64));
const version = { projection: PROFILE_PROJECTION, version: 1000 };

describe('the preview of a merge policy', () => {
  let engines: EmbeddedEngines;
  let tail: CatalogTail;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    tail = new CatalogTail(engines.log, createLogger('silent', 'test'));
    await tail.start();
    const writer = new CatalogWriter(engines.log, { now: () => 1_000 }, randomUUID, tail);
    await writer.changeSandboxes({}, (sandboxes) =>
      createDefaultSandbox(sandboxes, { sandboxId: mintSandboxId(randomUUID) }),
    );
  });
  afterEach(async () => {
    await tail.onModuleDestroy();
    await engines.dispose();
  });

  it('writes nothing: neither log nor read model move', async () => {
    const { log, store } = engines;
    const { sandbox } = tail.sandbox('prod');
    await appendItems(log, secret, [
      { sandbox, dataset: 'crm', owner: crm('7'), item: { city: 'Rome' } },
      { sandbox, dataset: 'crm', owner: crm('7'), item: { phone: '1' }, patch: { append: [], unset: [] } },
      { sandbox, dataset: 'loyalty', owner: crm('7'), item: { city: 'Oslo' }, sourceTime: 1_500 },
      {
        sandbox,
        dataset: 'crm',
        owner: crm('7'),
        item: { phone: '2' },
        patch: { append: [], unset: [] },
        sourceTime: 2_000,
      },
    ]);
    const runner = new ProjectionRunner({ log, store, projection: profileProjection(secret), version, poison: 'stop' });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    await store.setRegistry(PROFILE_PROJECTION, undefined, { active: version.version, retired: [] });
    const before = [await log.head(), await store.checkpoint(version)];

    const handler = new PreviewMergePolicyHandler(
      new SandboxViews(tail, new LiveView(store), secret, { now: () => 0 }),
    );
    const attributeMerge = { type: 'timestampOrdered', granularity: 'field' } as const;
    const policy = { name: 'p', class: 'profile', identityGraph: 'pdg', attributeMerge } as const;
    const preview = await handler.execute(new PreviewMergePolicy({ sandbox: 'prod' }, policy, undefined));

    expect(preview).toMatchObject({
      comparedWith: { id: 'default', version: 1 },
      results: [
        {
          identity: crm('7'),
          profile: { attributes: { city: 'Oslo', phone: '2' } },
          differences: [{ path: 'city', change: 'changed', before: 'Rome', after: 'Oslo' }],
        },
      ],
    });
    expect([await log.head(), await store.checkpoint(version)]).toEqual(before);
  });
});
