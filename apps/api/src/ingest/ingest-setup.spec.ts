import { describe, expect, it } from '@jest/globals';

import type { CatalogEvent } from '#catalog';
import { namingSecret, type JsonObject } from '#core';
import { identitiesOf } from '#identity';
import { FragmentNames } from '#profile';

import { given } from '../../../../test/support/catalog/given.js';
import { CRM, datasetOf, defined } from '../../../../test/support/catalog/schemas.js';
import { ingestSetup } from './ingest-setup.js';

const SECRET = namingSecret('ab'.repeat(32));
const SETTINGS: CatalogEvent = {
  type: 'IdentitySettingsChanged',
  data: { unique: [], priority: ['Email'], maxIdentities: 50, blockedValues: ['Shop'], version: 3 },
};

function setupUnder(schemaClass: string, ...events: readonly CatalogEvent[]) {
  const schema = { ...CRM, class: schemaClass };
  const { catalog } = given(defined(schema), datasetOf(schema), ...events);
  const kind = schemaClass === 'profile' ? 'record' : 'event';
  const target = { kind, dataset: 'crm', idempotencyKey: undefined } as const;
  const { context, metadata } = ingestSetup(catalog, target, new FragmentNames(SECRET), SECRET);
  return { metadata, identitiesOf: (item: JsonObject) => identitiesOf(context.identities, item) };
}

describe('under the identity settings of a sandbox', () => {
  const primary = (id: string) => [{ id, primary: true }];
  const item = { identityMap: { Phone: primary('1'), Email: [{ id: 'ona@example.org' }] } };

  it('events are owned by the best namespace, records by their primary identity', () => {
    expect(setupUnder('experienceevent', SETTINGS).identitiesOf(item)).toMatchObject({ owner: { namespace: 'Email' } });
    expect(setupUnder('experienceevent').identitiesOf(item)).toMatchObject({ owner: { namespace: 'Phone' } });
    expect(setupUnder('profile', SETTINGS).identitiesOf(item)).toMatchObject({ owner: { namespace: 'Phone' } });
  });

  it('its own blocked values are refused', () => {
    const shop = { identityMap: { Phone: primary('SHOP') } };
    expect(setupUnder('profile', SETTINGS).identitiesOf(shop)).toMatchObject({ code: 'IDENTITY_BLOCKED' });
    expect(setupUnder('profile').identitiesOf(shop)).toMatchObject({ owner: { id: 'SHOP' } });
  });

  it('their version is stamped on every event', () => {
    expect(setupUnder('profile', SETTINGS).metadata.settingsVersion).toBe(3);
    expect(setupUnder('profile').metadata.settingsVersion).toBe(0);
  });
});
