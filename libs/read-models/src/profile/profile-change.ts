import { decodeCatalogEvent } from '#catalog';
import { decodeAttributeEvent, type AttributeEvent } from '#computed-attributes';
import { STREAM_PREFIX, type NamingSecret } from '#core';
import type { Entry, RecordedEvent } from '#projection';

import { isFoldedAttributeEvent } from './computed-documents.js';
import { COMPUTED_ATTRIBUTE_RANGE_FILLED, decodeFilledRange, type FilledRange } from './filling.events.js';
import { fragmentChangeDecoder, type FragmentChange } from './fragment-change.js';
import { decodeReevaluation, PROFILES_REEVALUATED, type ProfilesReevaluated } from './reevaluation.events.js';
import { isRewriting, isRuleEvent, type RuleEvent } from './rules.js';

/** Everything that changes profiles. */
export type ProfileChange = FragmentChange | RulesChange | Reevaluation | AttributeChange | Filling;

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
    if (event === undefined || !isRuleEvent(event)) return undefined;
    return { kind: 'rules', metadata: { sandbox }, event };
  };
}

/** Rules that rewrite, and what lets them rewrite, are folded alone: the items of a page are all folded by the same rules. */
export function changesRules({ type }: RecordedEvent): boolean {
  if (isFoldedAttributeEvent(type) || type === COMPUTED_ATTRIBUTE_RANGE_FILLED) return true;
  return type === PROFILES_REEVALUATED || isRewriting(type);
}

const OTHERS: ReadonlySet<string> = new Set<ProfileChange['kind']>(['rules', 'reevaluation', 'attribute', 'filling']);

export function isFragmentChange(entry: Entry<ProfileChange>): entry is Entry<FragmentChange> {
  return !OTHERS.has(entry.value.kind);
}
