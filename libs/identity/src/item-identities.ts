import { isPeopleType, type IdentityDescriptor } from '#catalog';
import { getOwn, type FieldError, type Identity, type JsonObject } from '#core';

import type { BlockedValues } from './blocked-values.js';
import {
  claimByDescriptors,
  claimByIdentityMap,
  compileDescriptor,
  type CompiledDescriptor,
  type FindNamespace,
  type IdentityClaim,
  type IdentityRefusal,
} from './identity-claims.js';
import { readIdentityValue, type IdentityValue, type ValueFault } from './identity-value.js';
import { decideOwner, decideOwnerOfEvent, type OwnerPriority } from './owner.js';

/** Every pair of them becomes a link: 20 make 190. */
export const MAX_IDENTITIES = 20;

export interface IdentityRulesOptions {
  readonly descriptors: readonly IdentityDescriptor[];
  readonly find: FindNamespace;
  readonly blocked: BlockedValues;
  /** Of a dataset of events: codes of namespaces, the best first, that decide who owns an item. */
  readonly priority?: readonly string[];
  /** Is told of every value that is not taken for an identity. It decides nothing. */
  readonly onRefused?: (refused: RefusedIdentity) => void;
}

/** A value that an item gave for an identity and that is none. */
export interface RefusedIdentity {
  /** Code as defined. */
  readonly namespace: string;
  /** As the item has it. */
  readonly value: string;
  readonly code: ValueFault;
}

/** What decides the identities of a dataset's items; made once per request. */
export interface IdentityRules {
  readonly descriptors: readonly CompiledDescriptor[];
  readonly find: FindNamespace;
  readonly blocked: BlockedValues;
  /** `undefined` where priorities do not decide. */
  readonly priority: OwnerPriority | undefined;
  readonly onRefused: (refused: RefusedIdentity) => void;
}

export interface IdentityWarning {
  readonly code: ValueFault;
  readonly errors: readonly FieldError[];
}

export type ItemIdentities =
  | {
      readonly outcome: 'found';
      readonly owner: Identity;
      /** In the order in which they were found, each once, the owner not among them. */
      readonly others: readonly Identity[];
      /** Blocked and invalid identities that were left out. */
      readonly warning?: IdentityWarning;
    }
  | ({ readonly outcome: 'refused' } & IdentityRefusal);

/** Throws `NAMESPACE_NOT_FOUND` or `SCHEMA_INVALID` for descriptors that no schema can have been defined with. */
export function compileIdentityRules({
  descriptors,
  find,
  blocked,
  priority,
  onRefused = () => undefined,
}: IdentityRulesOptions): IdentityRules {
  return {
    descriptors: descriptors.map((one) => compileDescriptor(one, find)),
    find,
    blocked,
    priority: priority && ranksOf(priority, find),
    onRefused,
  };
}

/** Codes that are no namespace rank nothing. */
function ranksOf(priority: readonly string[], find: FindNamespace): OwnerPriority | undefined {
  const codes = priority.map((code) => find(code)?.code).filter((code) => code !== undefined);
  return codes.length === 0 ? undefined : new Map([...new Set(codes)].map((code, rank) => [code, rank]));
}

/**
 * Who owns the item and whom else it names. The rules are those of one dataset; the item has passed its schema.
 * Identities of things and accounts stay data: they neither own what people's datasets hold nor are they linked.
 */
export function identitiesOf(rules: IdentityRules, item: JsonObject): ItemIdentities {
  const claims: IdentityClaim[] = [];
  const map = getOwn(item, 'identityMap');
  const unreadable =
    claimByDescriptors(rules.descriptors, item, claims) ??
    (map === undefined ? undefined : claimByIdentityMap(map, rules.find, claims));
  if (unreadable !== undefined) return { outcome: 'refused', ...unreadable };
  const candidates = claims.filter(({ namespace }) => isPeopleType(namespace.idType));
  const { priority } = rules;
  const decision = priority === undefined ? decideOwner(candidates) : decideOwnerOfEvent(candidates, priority);
  switch (decision.outcome) {
    case 'missing':
      return { outcome: 'refused', code: 'PRIMARY_IDENTITY_MISSING', errors: whereOwnersStand(rules, claims) };
    case 'ambiguous':
      return refused(
        'PRIMARY_IDENTITY_AMBIGUOUS',
        decision.claims,
        'claims to be the primary identity, as another one does',
      );
    case 'decided':
      return judge(rules, decision.claim, candidates);
  }
}

/** The primary claims that may not own; without any, the places where the item could have named its owner. */
function whereOwnersStand(rules: IdentityRules, claims: readonly IdentityClaim[]): readonly FieldError[] {
  const keyword = 'PRIMARY_IDENTITY_MISSING';
  const unfit = claims.filter(({ primary }) => primary);
  if (unfit.length > 0)
    return unfit.slice(0, MAX_ERRORS).map((claim) => fieldError(keyword, claim, 'is not an identity of a person'));
  const places = rules.descriptors.filter(({ primary }) => primary).map(({ text }) => text);
  return (places.length === 0 ? ['identityMap'] : places).map((path) => ({
    path,
    keyword,
    message: 'must give the primary identity',
  }));
}

function judge(rules: IdentityRules, ownerClaim: IdentityClaim, candidates: readonly IdentityClaim[]): ItemIdentities {
  const { id, fault } = readClaim(rules, ownerClaim);
  if (fault !== undefined) return refused(fault, [ownerClaim], FAULT_MESSAGES[fault]);
  const owner: Identity = { namespace: ownerClaim.namespace.code, id };
  if (candidates.length === 1) return { outcome: 'found', owner, others: NOBODY };
  return withOthers(
    rules,
    owner,
    candidates.filter((claim) => claim !== ownerClaim),
  );
}

function readClaim({ blocked, onRefused }: IdentityRules, { namespace, value }: IdentityClaim): IdentityValue {
  const read = readIdentityValue(namespace, value, blocked);
  if (read.fault !== undefined) onRefused({ namespace: namespace.code, value, code: read.fault });
  return read;
}

function withOthers(rules: IdentityRules, owner: Identity, claims: readonly IdentityClaim[]): ItemIdentities {
  const others: Identity[] = [];
  const faults: { readonly claim: IdentityClaim; readonly fault: ValueFault }[] = [];
  for (const claim of claims) {
    const { id, fault } = readClaim(rules, claim);
    if (fault !== undefined) {
      faults.push({ claim, fault });
      continue;
    }
    const identity: Identity = { namespace: claim.namespace.code, id };
    if (!isSame(owner, identity) && !others.some((known) => isSame(known, identity))) others.push(identity);
    if (others.length >= MAX_IDENTITIES)
      return { outcome: 'refused', code: 'TOO_MANY_IDENTITIES', errors: [tooMany(claim)] };
  }
  const [first] = faults;
  if (first === undefined) return { outcome: 'found', owner, others };
  const errors = faults.slice(0, MAX_ERRORS).map(({ claim, fault }) => fieldError(fault, claim, FAULT_MESSAGES[fault]));
  return { outcome: 'found', owner, others, warning: { code: first.fault, errors } };
}

const NOBODY: readonly Identity[] = [];
const MAX_ERRORS = 5;

const FAULT_MESSAGES: Readonly<Record<ValueFault, string>> = {
  IDENTITY_BLOCKED: 'is a blocked value and never identifies a person',
  IDENTITY_INVALID: 'does not fit its namespace',
};

function isSame(one: Identity, other: Identity): boolean {
  return one.id === other.id && one.namespace === other.namespace;
}

function refused(
  code: IdentityRefusal['code'],
  claims: readonly IdentityClaim[],
  message: string,
): Extract<ItemIdentities, { outcome: 'refused' }> {
  return {
    outcome: 'refused',
    code,
    errors: claims.slice(0, MAX_ERRORS).map((claim) => fieldError(code, claim, message)),
  };
}

function fieldError(code: IdentityRefusal['code'], { path, namespace }: IdentityClaim, message: string): FieldError {
  return { path, keyword: code, message: `${message} (${namespace.code})` };
}

function tooMany({ path }: IdentityClaim): FieldError {
  return { path, keyword: 'TOO_MANY_IDENTITIES', message: `is one identity more than ${MAX_IDENTITIES}` };
}
