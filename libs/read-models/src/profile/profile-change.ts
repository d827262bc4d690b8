import { decodeCatalogEvent, IDENTITY_LINK_BLOCKED, IDENTITY_LINK_UNBLOCKED, type IdentityLinkEvent } from '#catalog';
import { decodeAttributeEvent, type AttributeEvent } from '#computed-attributes';
import { identityRef, STREAM_PREFIX, type Identity, type NamingSecret, type SandboxId } from '#core';
import type { Entry, RecordedEvent } from '#projection';

import type { LinkBlock } from '../documents.js';
import { isFoldedAttributeEvent } from './computed-documents.js';
import { COMPUTED_ATTRIBUTE_RANGE_FILLED, decodeFilledRange, type FilledRange } from './filling.events.js';
import { fragmentChangeDecoder, type FragmentChange, type KnownIdentity } from './fragment-change.js';
import { decodeReevaluation, PROFILES_REEVALUATED, type ProfilesReevaluated } from './reevaluation.events.js';
import { isRewriting, isRuleEvent, type RuleEvent } from './rules.js';

/** Everything that changes profiles. */
export type ProfileChange = FragmentChange | RulesChange | LinkBlocking | Reevaluation | AttributeChange | Filling;

export interface RulesChange {
  readonly kind: 'rules';
  readonly metadata: { readonly sandbox: string };
  readonly event: RuleEvent;
}

/** Somebody has blocked a link, or lets it be one again. */
export interface LinkBlocking {
  readonly kind: 'blocking';
  readonly metadata: { readonly sandbox: string };
  readonly a: KnownIdentity;
  readonly b: KnownIdentity;
  /** Undefined: it is not blocked from now on. */
  readonly block: LinkBlock | undefined;
}

export interface Reevaluation {
  readonly kind: 'reevaluation';
  readonly metadata: { readonly sandbox: string };
  readonly range: ProfilesReevaluated;
}

/** Which attributes are computed changes. */
export interface AttributeChange {
  readonly kind: 'attribute';
  readonly metadata: { readonly sandbox: string };
  readonly event: AttributeEvent;
  /** Ingestion time, epoch milliseconds. */
  readonly at: number;
}

export interface Filling {
  readonly kind: 'filling';
  readonly metadata: { readonly sandbox: string };
  readonly range: FilledRange;
}

/** The streams that hold them. */
export const PROFILE_STREAMS = [STREAM_PREFIX.fragment, STREAM_PREFIX.catalog, STREAM_PREFIX.job] as const;

const ALONE: ReadonlySet<string> = new Set([
  PROFILES_REEVALUATED,
  COMPUTED_ATTRIBUTE_RANGE_FILLED,
  IDENTITY_LINK_BLOCKED,
  IDENTITY_LINK_UNBLOCKED,
]);

/** Throws on what nobody can have written: such an event is poison. */
export function profileChangeDecoder(secret: NamingSecret): (event: RecordedEvent) => ProfileChange | undefined {
  const decodeFragmentChange = fragmentChangeDecoder(secret);
  return (recorded) => {
    const { stream, type, data, metadata } = recorded;
    if (stream.startsWith(STREAM_PREFIX.fragment)) return decodeFragmentChange(recorded);
    if (type === PROFILES_REEVALUATED) {
      const range = decodeReevaluation(data);
      return { kind: 'reevaluation', metadata: { sandbox: range.sandbox }, range };
    }
    if (type === COMPUTED_ATTRIBUTE_RANGE_FILLED) {
      const range = decodeFilledRange(data);
      return { kind: 'filling', metadata: { sandbox: range.sandbox }, range };
    }
    if (!stream.startsWith(STREAM_PREFIX.catalog)) return undefined;
    const sandbox = stream.slice(STREAM_PREFIX.catalog.length);
    if (isFoldedAttributeEvent(type)) {
      const event = decodeAttributeEvent(type, data) as AttributeEvent;
      return { kind: 'attribute', metadata: { sandbox }, event, at: Number(metadata['ingestedAt']) };
    }
    const event = decodeCatalogEvent(type, data);
    if (event === undefined) return undefined;
    if (isRuleEvent(event)) return { kind: 'rules', metadata: { sandbox }, event };
    if (event.type !== IDENTITY_LINK_BLOCKED && event.type !== IDENTITY_LINK_UNBLOCKED) return undefined;
    return linkBlocking(secret, sandbox, event, Number(metadata['ingestedAt']));
  };
}

function linkBlocking(
  secret: NamingSecret,
  sandbox: SandboxId,
  { type, data }: IdentityLinkEvent,
  at: number,
): LinkBlocking {
  const known = (identity: Identity): KnownIdentity => ({ ...identity, ref: identityRef(secret, sandbox, identity) });
  const { a, b, reason, by } = data;
  const block = type === IDENTITY_LINK_BLOCKED ? { reason, by, at } : undefined;
  return { kind: 'blocking', metadata: { sandbox }, a: known(a), b: known(b), block };
}

/** Rules that rewrite, and what lets them rewrite, are folded alone: all items of a page are folded by the same rules. */
export function changesRules({ type }: RecordedEvent): boolean {
  return ALONE.has(type) || isFoldedAttributeEvent(type) || isRewriting(type);
}

const OTHERS: ReadonlySet<string> = new Set<ProfileChange['kind']>([
  'rules',
  'blocking',
  'reevaluation',
  'attribute',
  'filling',
]);

export function isFragmentChange(entry: Entry<ProfileChange>): entry is Entry<FragmentChange> {
  return !OTHERS.has(entry.value.kind);
}
