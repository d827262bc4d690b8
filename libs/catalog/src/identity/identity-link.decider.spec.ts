import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { blockLink, MOST_BLOCKED_LINKS, unblockLink, type JudgeLink } from './identity-link.decider.js';
import type { IdentityLinkBlocked, IdentityLinkUnblocked } from './identity-link.events.js';

const A = { namespace: 'Email', id: 'ona@example.org' };
const B = { namespace: 'ECID', id: '1'.repeat(38) };
const VERDICT = { a: A, b: B, reason: 'A shared computer', by: 'support' };
const BLOCKED: IdentityLinkBlocked = { type: 'IdentityLinkBlocked', data: VERDICT };
const UNBLOCKED: IdentityLinkUnblocked = { type: 'IdentityLinkUnblocked', data: { ...VERDICT, reason: 'It was hers' } };

const block =
  (command: Partial<JudgeLink> = {}) =>
  (catalog: SandboxCatalog) =>
    blockLink(catalog, { ...VERDICT, ...command });
const unblock =
  (command: Partial<JudgeLink> = {}) =>
  (catalog: SandboxCatalog) =>
    unblockLink(catalog, { ...UNBLOCKED.data, ...command });

describe('blocking a link', () => {
  it('says who and why, with codes as they are defined', () => {
    given().when(block()).thenCreated(BLOCKED);
    given()
      .when(block({ a: { ...A, namespace: 'EMAIL' } }))
      .thenCreated(BLOCKED);
  });

  it('changes nothing when it is blocked, whichever end comes first', () => {
    given(BLOCKED).when(block()).thenUnchanged();
    given(BLOCKED)
      .when(block({ a: B, b: A, reason: 'Another one' }))
      .thenUnchanged();
    given(BLOCKED)
      .when(block({ a: { ...A, id: 'ray@example.org' } }))
      .thenCreated({ ...BLOCKED, data: { ...VERDICT, a: { ...A, id: 'ray@example.org' } } });
  });

  it('refuses namespaces that are not there or not of people, one identity twice, and no reason', () => {
    given()
      .when(block({ a: { namespace: 'NOPE', id: '1' }, b: { namespace: 'b2b_account', id: '1' }, reason: ' ' }))
      .thenRefused('INVALID_REQUEST', ['a.namespace', 'b.namespace', 'reason']);
    given()
      .when(block({ b: { ...A, namespace: 'email' } }))
      .thenRefused('INVALID_REQUEST', ['b']);
    given()
      .when(block({ reason: 'x'.repeat(1_001) }))
      .thenRefused('INVALID_REQUEST', ['reason']);
  });

  it('is refused when there are more than anybody judges by hand', () => {
    const many = new Set(Array.from({ length: MOST_BLOCKED_LINKS }, (_, index) => String(index)));
    given()
      .when((catalog) => block()({ ...catalog, blockedLinks: many }))
      .thenRefused('TOO_MANY_BLOCKED_LINKS');
  });
});

describe('unblocking a link', () => {
  it('is possible while it is blocked, and says who and why', () => {
    given(BLOCKED).when(unblock()).thenChanged(UNBLOCKED);
    given(BLOCKED)
      .when(unblock({ a: B, b: A }))
      .thenChanged({ ...UNBLOCKED, data: { ...UNBLOCKED.data, a: B, b: A } });
  });

  it('is refused when it is not', () => {
    given().when(unblock()).thenRefused('LINK_NOT_BLOCKED');
    given(BLOCKED, UNBLOCKED).when(unblock()).thenRefused('LINK_NOT_BLOCKED');
    given(BLOCKED)
      .when(unblock({ a: { namespace: 'NOPE', id: '1' } }))
      .thenRefused('INVALID_REQUEST', ['a.namespace']);
  });

  it('leaves nothing of it in memory', () => {
    expect(given(BLOCKED).catalog.blockedLinks.size).toBe(1);
    expect(given(BLOCKED, UNBLOCKED).catalog.blockedLinks.size).toBe(0);
  });
});
