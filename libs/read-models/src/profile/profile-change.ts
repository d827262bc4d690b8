import { decodeCatalogEvent } from '#catalog';
import { STREAM_PREFIX, type NamingSecret } from '#core';
import type { Entry, RecordedEvent } from '#projection';

import { fragmentChangeDecoder, type FragmentChange } from './fragment-change.js';
import { decodeReevaluation, PROFILES_REEVALUATED, type ProfilesReevaluated } from './reevaluation.events.js';
import { isRewriting, isRuleEvent, type RuleEvent } from './rules.js';

/** Everything that changes profiles. */
export type ProfileChange = FragmentChange | RulesChange | Reevaluation;

export interface RulesChange {
  readonly kind: 'rules';
  readonly metadata: { readonly sandbox: string };
  readonly event: RuleEvent;
}

export interface Reevaluation {
  readonly kind: 'reevaluation';
  readonly metadata: { readonly sandbox: string };
  readonly range: ProfilesReevaluated;
}

/** The streams that hold them. */
export const PROFILE_STREAMS = [STREAM_PREFIX.fragment, STREAM_PREFIX.catalog, STREAM_PREFIX.job] as const;

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
    if (event === undefined || !isRuleEvent(event)) return undefined;
    return { kind: 'rules', metadata: { sandbox: stream.slice(STREAM_PREFIX.catalog.length) }, event };
  };
}

/** Rules that rewrite, and what lets them rewrite, are folded alone: the items of a page are all folded by the same rules. */
export function changesRules({ type }: RecordedEvent): boolean {
  return type === PROFILES_REEVALUATED || isRewriting(type);
}

export function isFragmentChange(entry: Entry<ProfileChange>): entry is Entry<FragmentChange> {
  const { kind } = entry.value;
  return kind !== 'rules' && kind !== 'reevaluation';
}
