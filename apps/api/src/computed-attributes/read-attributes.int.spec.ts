import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { identityRef, namingSecret, type JsonObject } from '#core';
import { ProjectionRunner } from '#projection';
import {
  PROFILE_PROJECTION,
  profileProjection,
  PROFILES,
  tieOf,
  TIMELINE,
  timelineOwner,
  type ProfileBody,
} from '#read-models';
import type { DocumentReader } from '#read-store';

import { AROUND, arbitraryTime } from '../../../../test/support/computed/arbitrary-attributes.js';
import { anyAttributeLog } from '../../../../test/support/computed/arbitrary-log.js';
import { appendSteps } from '../../../../test/support/computed/attribute-log.js';
import { naiveAttribute, type NaiveEvent } from '../../../../test/support/computed/naive-attribute.js';
import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { crm, email, SANDBOX } from '../../../../test/support/ingested.js';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { publishedAttributes } from './published-attributes.js';
import { readAttributes } from './read-attributes.js';

const secret = namingSecret('5'.repeat(64));
const projection = profileProjection(secret);
const version = { projection: PROFILE_PROJECTION, version: 1 };
const RANGES = [crm('1'), crm('2'), email('a')].map((one) => identityRef(secret, SANDBOX, one).slice(0, 2)).sort();

describe('computed attributes of profiles', () => {
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  async function fold(): Promise<DocumentReader> {
    const { log, store } = engines;
    const runner = new ProjectionRunner({ log, store, projection, version, poison: 'stop', pageSize: 7 });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    return store.reader(version);
  }

  /** What the timelines of a profile hold, of the datasets that count. */
  async function eventsOf(reader: DocumentReader, events: ProfileBody['events']): Promise<readonly NaiveEvent[]> {
    const found = await Promise.all(
      Object.entries(events).map(async ([ref, byDataset]) => {
        const documents = await reader.scan(TIMELINE.name, {
          index: 'by_owner',
          equals: [timelineOwner(ref)],
          limit: 100,
        });
        return documents.filter(({ columns }) => Object.hasOwn(byDataset, columns['dataset'] as string));
      }),
    );
    return found.flat().map(({ key, columns, body }) => ({
      dataset: columns['dataset'] as string,
      at: columns['at'] as number,
      tie: tieOf(key),
      data: JSON.parse(body) as JsonObject,
    }));
  }

  it('are what a look through all their events finds, whatever happened before, at any moment', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        anyAttributeLog(RANGES),
        fc.array(arbitraryTime, { minLength: 1, maxLength: 3 }),
        async (steps, moments) => {
          await engines.dispose();
          engines = await openEmbeddedEngines();
          await appendSteps(engines.log, secret, steps);
          const reader = await fold();
          const published = await publishedAttributes(reader, SANDBOX);
          const profiles = await reader.scan(PROFILES.name, { limit: 100 });
          for (const { events } of profiles.map(({ body }) => JSON.parse(body) as ProfileBody)) {
            const happened = await eventsOf(reader, events);
            for (const at of [AROUND, ...moments]) {
              const values = await readAttributes(reader, published, events, at);
              expect(values).toEqual(published.map(({ definition }) => naiveAttribute(definition, happened, at)));
              compared += values.length;
            }
          }
        },
      ),
      propertyRuns(100),
    );
    expect(compared).toBeGreaterThan(200);
  }, 600_000);
});
