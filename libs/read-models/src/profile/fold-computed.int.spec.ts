import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { identityRef, namingSecret } from '#core';
import { compareVersions, ProjectionRunner } from '#projection';
import type { DocumentReader, ProjectionVersion, ReadStore } from '#read-store';

import { anyAttributeLog } from '../../../../test/support/computed/arbitrary-log.js';
import { appendSteps, type AttributeStep } from '../../../../test/support/computed/attribute-log.js';
import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { crm, email, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { Crash, tearingStore, type Tear } from '../../../../test/support/tearing-store.js';
import { PROFILE_PROJECTION } from '../documents.js';
import { PARTIALS, type PartialsBody } from './computed-documents.js';
import { profileProjection } from './profile.projection.js';

const secret = namingSecret('5'.repeat(64));
const projection = profileProjection(secret);
const RANGES = [crm('1'), crm('2'), email('a')].map((one) => identityRef(secret, SANDBOX, one).slice(0, 2)).sort();

const ORDERS = { dataset: 'orders', owner: crm('1') } as const;
const order = (id: string, total: number, timestamp = '2026-01-01T00:00:00Z'): GivenItem => ({
  ...ORDERS,
  item: { _id: id, timestamp, total },
});
const PUBLISH: AttributeStep = { step: 'publish', name: 'spend', definition: { aggregate: 'SUM', path: 'total' } };
const FILL: AttributeStep = { step: 'fill', name: 'spend', keyPrefix: '' };

describe('computed attributes in the profile projection', () => {
  let engines: EmbeddedEngines;
  let versions = 5_000;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  const freshVersion = (): ProjectionVersion => ({ projection: PROFILE_PROJECTION, version: (versions += 1) });

  async function fold(target: ProjectionVersion, pageSize = 100, store: ReadStore = engines.store) {
    const { log } = engines;
    const runner = new ProjectionRunner({ log, store, projection, version: target, poison: 'stop', pageSize });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    return store.reader(target);
  }

  const partialsIn = async (reader: DocumentReader): Promise<readonly PartialsBody[]> =>
    (await reader.scan(PARTIALS.name, { limit: 100 })).map(({ body }) => JSON.parse(body) as PartialsBody);

  const DAY = String(Date.parse('2026-01-01T00:00:00Z') / 86_400_000);

  it('keep what events come to by owner, dataset and day', async () => {
    await appendSteps(engines.log, secret, [
      PUBLISH,
      order('a', 0.1),
      order('b', 0.2),
      order('b', 0.2),
      { ...order('c', 7), dataset: 'visits' },
      { ...order('d', 5), shown: false },
    ]);
    const partials = await partialsIn(await fold(freshVersion()));
    expect(partials).toHaveLength(2);
    expect(partials).toContainEqual({ '0': { [DAY]: [3, 1] } });
    expect(partials).toContainEqual({ '0': { [DAY]: [7, 0] } });
  });

  it('count what came in before once a range is filled in, and what came since only once', async () => {
    await appendSteps(engines.log, secret, [order('a', 1), PUBLISH, order('b', 2), FILL, order('c', 4), FILL]);
    expect(await partialsIn(await fold(freshVersion(), 1))).toEqual([{ '0': { [DAY]: [7, 0] } }]);
  });

  it('fill in nobody of another sandbox', async () => {
    await appendSteps(engines.log, secret, [{ ...order('a', 1), sandbox: 'sbx00002' }, PUBLISH, FILL]);
    expect(await partialsIn(await fold(freshVersion()))).toEqual([]);
  });

  it('lose what is deleted, and go on with what comes after', async () => {
    await appendSteps(engines.log, secret, [
      PUBLISH,
      order('a', 1),
      { ...ORDERS, item: {}, lifecycle: { type: 'FragmentDeleted' } },
      order('a', 8),
    ]);
    expect(await partialsIn(await fold(freshVersion()))).toEqual([{ '0': { [DAY]: [8, 0] } }]);
  });

  it('stop when they are disabled, and leave with the next change of their document', async () => {
    const other: AttributeStep = { step: 'publish', name: 'orders', definition: { aggregate: 'COUNT' } };
    await appendSteps(engines.log, secret, [
      PUBLISH,
      other,
      order('a', 1),
      { step: 'disable', name: 'spend' },
      FILL,
      order('b', 2),
    ]);
    expect(await partialsIn(await fold(freshVersion()))).toEqual([{ '1': { [DAY]: 2 } }]);
  });

  it('count an event once that comes again in a longer page, after its commit was torn', async () => {
    await appendSteps(engines.log, secret, [PUBLISH, order('a', 1), order('b', 2)]);
    const version = freshVersion();
    const torn = tearingStore(engines.store, [{ at: 1, written: 100, shuffle: 0 }]);
    await expect(fold(version, 1, torn)).rejects.toThrow(Crash);
    expect(await partialsIn(await fold(version, 8, torn))).toEqual([{ '0': { [DAY]: [3, 0] } }]);
  });

  it('are the same documents wherever pages are cut, commits are torn and the process restarts', async () => {
    const anyTear: fc.Arbitrary<Tear> = fc.record({
      at: fc.nat(12),
      written: fc.integer({ min: 0, max: 100 }),
      shuffle: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(
        anyAttributeLog(RANGES),
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
        fc.array(anyTear, { maxLength: 4 }),
        async (steps, pageSizes, tears) => {
          await engines.dispose();
          engines = await openEmbeddedEngines();
          await appendSteps(engines.log, secret, steps);
          const torn = freshVersion();
          const store = tearingStore(engines.store, tears);
          for (let life = 0; ; life += 1) {
            try {
              await fold(torn, pageSizes[life % pageSizes.length], store);
              break;
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
            }
          }
          const whole = freshVersion();
          await fold(whole, 1_000);
          const comparison = await compareVersions(
            projection.collections,
            engines.store.reader(torn),
            engines.store.reader(whole),
            () => undefined,
          );
          expect(comparison.differences).toEqual([]);
        },
      ),
      propertyRuns(100),
    );
  }, 600_000);
});
