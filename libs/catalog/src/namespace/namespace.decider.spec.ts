import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import { namespaceOf } from '../sandbox-catalog.js';
import { defineNamespace, type DefineNamespace } from './namespace.decider.js';
import type { NamespaceDefined } from './namespace.events.js';

const CRMID: NamespaceDefined = {
  type: 'NamespaceDefined',
  data: { code: 'CRMID', name: 'CRM id', idType: 'CROSS_DEVICE', caseSensitive: true },
};
const define = (command: Partial<DefineNamespace>) => (catalog: ReturnType<typeof given>['catalog']) =>
  defineNamespace(catalog, { code: 'CRMID', name: 'CRM id', idType: 'CROSS_DEVICE', ...command });

describe('defining a namespace', () => {
  it('keeps the code as it was written', () => {
    given().when(define({})).thenCreated(CRMID);
    expect(namespaceOf(given(CRMID).catalog, 'crmid')).toMatchObject({ code: 'CRMID', builtIn: false });
  });

  it.each([
    [{ idType: 'EMAIL' }, false],
    [{ idType: 'EMAIL', caseSensitive: true }, true],
    [{ idType: 'PHONE' }, true],
    [{ idType: 'COOKIE', caseSensitive: false }, false],
  ] as const)('decides about case at once: %j', (command, caseSensitive) => {
    const data = { ...CRMID.data, idType: command.idType, caseSensitive };
    given()
      .when(define(command))
      .thenCreated({ ...CRMID, data });
  });

  it('changes nothing when it is defined like this, under a code of any case', () => {
    given(CRMID).when(define({})).thenUnchanged();
    given(CRMID)
      .when(define({ code: 'crmId' }))
      .thenUnchanged();
  });

  it('refuses another definition and says what it is', () => {
    given(CRMID)
      .when(define({ name: 'Customer', idType: 'COOKIE', caseSensitive: false }))
      .thenRefused('NAMESPACE_DIFFERS', [
        { path: 'name', message: 'is "CRM id"' },
        { path: 'idType', message: 'is "CROSS_DEVICE"' },
        { path: 'caseSensitive', message: 'is true' },
      ]);
  });

  it('knows the built-in ones', () => {
    given()
      .when(define({ code: 'EMAIL', name: 'Email', idType: 'EMAIL' }))
      .thenUnchanged();
    given()
      .when(define({ code: 'ecid', name: 'Mine', idType: 'COOKIE' }))
      .thenRefused('NAMESPACE_DIFFERS', ['name']);
    expect(namespaceOf(given().catalog, 'ECID')).toMatchObject({ builtIn: true, digits: 38 });
  });

  it.each(['', '1a', 'a b', 'ä', 'a.b', 'a'.repeat(65), '__proto__'])('refuses the code %j', (code) => {
    given().when(define({ code })).thenRefused('INVALID_REQUEST', ['code']);
  });
});
