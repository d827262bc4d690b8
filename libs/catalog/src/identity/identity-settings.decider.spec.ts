import { describe, expect, it } from '@jest/globals';

import { AT, given } from '../../../../test/support/catalog/given.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { changeIdentitySettings, type ChangeIdentitySettings } from './identity-settings.decider.js';
import type { IdentitySettingsChanged } from './identity-settings.events.js';
import { toRfc3339 } from '#core';

const CRMID = {
  type: 'NamespaceDefined',
  data: { code: 'CRMID', name: 'CRM id', idType: 'CROSS_DEVICE', caseSensitive: true },
} as const;
const SKU = { type: 'NamespaceDefined', data: { ...CRMID.data, code: 'SKU', idType: 'NON_PEOPLE' } } as const;

const change = (command: ChangeIdentitySettings) => (catalog: SandboxCatalog) =>
  changeIdentitySettings(catalog, command);
const settings = (data: Partial<IdentitySettingsChanged['data']>): IdentitySettingsChanged => ({
  type: 'IdentitySettingsChanged',
  data: { unique: [], priority: [], maxIdentities: 50, blockedValues: [], version: 1, ...data },
});

describe('changing the identity settings', () => {
  it('keeps the whole settings, with the defaults of what is left out and codes as they are defined', () => {
    given(CRMID)
      .when(change({ unique: ['crmid'], priority: ['crmid', 'EMAIL'], blockedValues: ['test', 'test'] }))
      .thenChanged(settings({ unique: ['CRMID'], priority: ['CRMID', 'Email'], blockedValues: ['test'] }));
    given(CRMID, settings({ unique: ['CRMID'], maxIdentities: 100, version: 7 }))
      .when(change({ priority: ['CRMID'] }))
      .thenChanged(settings({ priority: ['CRMID'], version: 8 }));
  });

  it('is what the catalog says from then on', () => {
    expect(given().catalog.identitySettings).toMatchObject({ maxIdentities: 50, version: 0 });
    const { catalog } = given(CRMID, settings({ unique: ['CRMID'] }));
    expect(catalog.identitySettings).toEqual({ ...settings({ unique: ['CRMID'] }).data, updatedAt: toRfc3339(AT) });
  });

  it('changes nothing when they are like this', () => {
    given().when(change({})).thenUnchanged();
    given()
      .when(change({ maxIdentities: 50, unique: [] }))
      .thenUnchanged();
    const wanted = { unique: ['CRMID', 'Email'], blockedValues: ['a', 'b'] };
    given(CRMID, settings(wanted))
      .when(change({ unique: ['email', 'crmid'], blockedValues: ['b', 'a'] }))
      .thenUnchanged();
  });

  it('the order of priorities is a difference', () => {
    given(CRMID, settings({ priority: ['CRMID', 'Email'] }))
      .when(change({ priority: ['Email', 'CRMID'] }))
      .thenChanged(settings({ priority: ['Email', 'CRMID'], version: 2 }));
  });

  it('refuses namespaces that are not there, are not of people, or are named twice', () => {
    given(CRMID, SKU)
      .when(change({ unique: ['NOPE', 'CRMID'], priority: ['CRMID', 'sku', 'b2b_account', 'crmid'] }))
      .thenRefused('INVALID_REQUEST', [
        { path: 'unique[0]', message: 'there is no namespace "NOPE"' },
        { path: 'priority[1]', message: 'SKU does not identify people' },
        { path: 'priority[2]', message: 'b2b_account does not identify people' },
        { path: 'priority[3]', message: 'is named twice' },
      ]);
  });

  it.each([1, 0, -1, 1_001, 2.5, Number.NaN])('refuses %p identities for a limit', (maxIdentities) => {
    given().when(change({ maxIdentities })).thenRefused('INVALID_REQUEST', ['maxIdentities']);
  });

  it.each([2, 1_000])('takes %p identities for a limit', (maxIdentities) => {
    given().when(change({ maxIdentities })).thenChanged(settings({ maxIdentities }));
  });

  it('refuses more blocked values than an event holds and an item can be compared with', () => {
    const values = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => String(index).padStart(length, 'x'));
    given()
      .when(change({ blockedValues: values(1_001, 4) }))
      .thenRefused('INVALID_REQUEST', ['blockedValues']);
    given()
      .when(change({ blockedValues: values(101, 1_000) }))
      .thenRefused('INVALID_REQUEST', ['blockedValues']);
    given()
      .when(change({ blockedValues: values(1_000, 100) }))
      .thenChanged(settings({ blockedValues: values(1_000, 100) }));
  });
});
