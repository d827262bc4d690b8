import { decodeCatalogEvent, IDENTITY_LINK_BLOCKED, IDENTITY_LINK_UNBLOCKED, type IdentityLinkEvent } from '#catalog';
import { identityRef, STREAM_PREFIX, type Identity, type NamingSecret, type SandboxId } from '#core';
import type { Entry, RecordedEvent } from '#projection';

import type { LinkBlock } from '../documents.js';
import { fragmentChangeDecoder, type FragmentChange, type KnownIdentity } from './fragment-change.js';
import { decodeReevaluation, PROFILES_REEVALUATED, type ProfilesReevaluated } from './reevaluation.events.js';
import { isRewriting, isRuleEvent, type RuleEvent } from './rules.js';

/** Everything that changes profiles. */
export type ProfileChange = FragmentChange | RulesChange | LinkBlocking | Reevaluation;

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

/** The streams that hold them. */
export const PROFILE_STREAMS = [STREAM_PREFIX.fragment, STREAM_PREFIX.catalog, STREAM_PREFIX.job] as const;

const ALONE: ReadonlySet<string> = new Set([PROFILES_REEVALUATED, IDENTITY_LINK_BLOCKED, IDENTITY_LINK_UNBLOCKED]);

/** Throws on what nobody can have written: such an event is poison. */
export function profileChangeDecoder(secret: NamingSecret): (event: RecordedEvent) => ProfileChange | undefined {
  const decodeFragmentChange = fragmentChangeDecoder(secret);
  return (recorded) => {
    const { stream, type, data } = recorded;
    if (stream.startsWith(STREAM_PREFIX.fragment)) return decodeFragmentChange(recorded);
    if (type === PROFILES_REEVALUATED) {
      const range = decodeReevaluation(data);
      return { kind: 'reevaluation', metadata: { sandbox: range.sandbox }, range };
    }
    if (!stream.startsWith(STREAM_PREFIX.catalog)) return undefined;
    const event = decodeCatalogEvent(type, data);
    if (event === undefined) return undefined;
    const sandbox = stream.slice(STREAM_PREFIX.catalog.length);
    if (isRuleEvent(event)) return { kind: 'rules', metadata: { sandbox }, event };
    if (event.type !== IDENTITY_LINK_BLOCKED && event.type !== IDENTITY_LINK_UNBLOCKED) return undefined;
    return linkBlocking(secret, sandbox, event, Number(recorded.metadata['ingestedAt']));
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
  return ALONE.has(type) || isRewriting(type);
}

export function isFragmentChange(entry: Entry<ProfileChange>): entry is Entry<FragmentChange> {
  const { kind } = entry.value;
  return kind !== 'rules' && kind !== 'blocking' && kind !== 'reevaluation';
}
