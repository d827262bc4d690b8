import type { FieldError, Identity } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { isPeopleType } from '../namespace/namespace.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { pairKey } from './identity-link.js';
import {
  IDENTITY_LINK_BLOCKED,
  IDENTITY_LINK_UNBLOCKED,
  type IdentityLinkBlocked,
  type IdentityLinkUnblocked,
  type LinkVerdict,
} from './identity-link.events.js';

/** Values are normalised by the rules of their namespaces already; codes may be in any case. */
export type JudgeLink = LinkVerdict;

/** Every process holds them in memory. Who needs more has a value to block, or a namespace to make unique. */
export const MOST_BLOCKED_LINKS = 5_000;

const MOST_REASON_CHARACTERS = 1_000;

type Catalog = Pick<SandboxCatalog, 'namespaces' | 'blockedLinks'>;

/** A link that is blocked already stays as it is, whatever the reason is now. */
export function blockLink(catalog: Catalog, command: JudgeLink): Decision<IdentityLinkBlocked> {
  const errors = errorsOf(catalog, command);
  if (errors.length > 0) return refuseInvalid(errors);
  const data = asDefined(catalog, command);
  if (catalog.blockedLinks.has(pairKey(data.a, data.b))) return unchanged;
  if (catalog.blockedLinks.size >= MOST_BLOCKED_LINKS) {
    const message = `${MOST_BLOCKED_LINKS} links of this sandbox are blocked, and no more can be.`;
    return refused('TOO_MANY_BLOCKED_LINKS', message);
  }
  return created({ type: IDENTITY_LINK_BLOCKED, data });
}

export function unblockLink(catalog: Catalog, command: JudgeLink): Decision<IdentityLinkUnblocked> {
  const errors = errorsOf(catalog, command);
  if (errors.length > 0) return refuseInvalid(errors);
  const data = asDefined(catalog, command);
  if (!catalog.blockedLinks.has(pairKey(data.a, data.b)))
    return refused('LINK_NOT_BLOCKED', 'The link between these identities is not blocked.');
  return changed({ type: IDENTITY_LINK_UNBLOCKED, data });
}

function errorsOf(catalog: Catalog, { a, b, reason }: JudgeLink): readonly FieldError[] {
  const errors = [...namespaceErrors(catalog, 'a', a), ...namespaceErrors(catalog, 'b', b)];
  if (reason.trim() === '' || reason.length > MOST_REASON_CHARACTERS)
    errors.push({ path: 'reason', message: `must be 1 to ${MOST_REASON_CHARACTERS} characters that say why` });
  if (errors.length > 0) return errors;
  const { a: one, b: other } = asDefined(catalog, { a, b });
  if (one.namespace !== other.namespace || one.id !== other.id) return [];
  return [{ path: 'b', message: 'must be another identity than a' }];
}

function namespaceErrors(catalog: Catalog, member: 'a' | 'b', { namespace: code }: Identity): FieldError[] {
  const namespace = namespaceOf(catalog, code);
  const path = `${member}.namespace`;
  if (namespace === undefined) return [{ path, message: `there is no namespace ${JSON.stringify(code)}` }];
  return isPeopleType(namespace.idType) ? [] : [{ path, message: `${namespace.code} does not identify people` }];
}

function asDefined<Ends extends Pick<JudgeLink, 'a' | 'b'>>(catalog: Catalog, ends: Ends): Ends {
  const defined = ({ namespace, id }: Identity) => ({
    namespace: namespaceOf(catalog, namespace)?.code ?? namespace,
    id,
  });
  return { ...ends, a: defined(ends.a), b: defined(ends.b) };
}

function refuseInvalid(errors: readonly FieldError[]) {
  return refused('INVALID_REQUEST', 'The link cannot be taken as it is.', { errors });
}
