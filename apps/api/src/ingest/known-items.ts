import { isTesseraError, type ErrorCode, type JsonValue, type NamingSecret } from '#core';
import { contentHash, isReleased, type AcceptedItem, type ItemKind, type PreparedItem } from '#profile';
import {
  APPLIED,
  fragmentKey,
  FRAGMENTS,
  itemKey,
  PROFILE_PROJECTION,
  TIMELINE,
  type FragmentBody,
} from '#read-models';
import type { DocumentReader, StoredDocument } from '#read-store';

import type { LiveView } from '../common/live-view.js';

/** How an item repeats an earlier one. */
export type Repeat = Extract<ErrorCode, 'DUPLICATE' | 'ID_REUSED'>;

export interface KnownItemsOptions {
  readonly live: LiveView;
  readonly secret: NamingSecret;
  /** Where the ids are: those of events in the timeline, others among the applied ones. */
  readonly kind: ItemKind;
  readonly dataset: string;
  /** What is not shown leaves no trace in the timeline, so there is nothing to look up. */
  readonly shown: boolean;
}

const NOTHING: ReadonlyMap<string, StoredDocument> = new Map();

/**
 * Recognises items whose ids are known already, so that they are answered as such and not appended again. Only a
 * courtesy: the fold skips repeats that this does not see, because the read model lags behind or is away.
 */
export class KnownItems {
  constructor(private readonly options: KnownItemsOptions) {}

  /** Aligned with the items, or empty: how each accepted one repeats what is stored, or an earlier one of these. */
  async find(items: readonly PreparedItem[]): Promise<readonly (Repeat | undefined)[]> {
    const keys = items.map(keyOf);
    const asked = [...new Set(keys)].filter((key) => key !== undefined);
    const stored = asked.length === 0 ? NOTHING : await this.#stored(asked, items, keys);
    // Nearly always: nothing known, and every id once.
    if (stored.size === 0 && asked.length === items.length) return [];
    const firsts = new Map<string, AcceptedItem>();
    return items.map((item, index) => this.#repeatOf(item, keys[index], stored, firsts));
  }

  #repeatOf(
    item: PreparedItem,
    key: string | undefined,
    stored: ReadonlyMap<string, StoredDocument>,
    firsts: Map<string, AcceptedItem>,
  ): Repeat | undefined {
    if (key === undefined || item.outcome === 'rejected') return undefined;
    const document = stored.get(key);
    if (document !== undefined) return this.#isSame(item, document) ? 'DUPLICATE' : 'ID_REUSED';
    const first = firsts.get(key);
    if (first !== undefined)
      return first.clientId?.contentHash === item.clientId?.contentHash ? 'DUPLICATE' : 'ID_REUSED';
    // One with a condition may yet be refused, and then repeats nothing.
    if (item.expected === 'any') firsts.set(key, item);
    return undefined;
  }

  async #stored(
    asked: readonly string[],
    items: readonly PreparedItem[],
    keys: readonly (string | undefined)[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const { live, kind, shown } = this.options;
    if (kind === 'event' && !shown) return NOTHING;
    try {
      const reader = await live.reader(PROFILE_PROJECTION);
      const stored = byKey(await reader.get(kind === 'event' ? TIMELINE.name : APPLIED.name, asked));
      if (kind === 'event' || stored.size === 0) return stored;
      return await this.#withoutReleased(reader, stored, items, keys);
    } catch (error) {
      if (isTesseraError(error)) return NOTHING;
      throw error;
    }
  }

  /** The ids that a deleted fragment had applied are free again; those of its events left the timeline. */
  async #withoutReleased(
    reader: DocumentReader,
    stored: ReadonlyMap<string, StoredDocument>,
    items: readonly PreparedItem[],
    keys: readonly (string | undefined)[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const fragments = new Map<string, string>();
    items.forEach((item, index) => {
      const key = keys[index];
      if (key === undefined || item.outcome === 'rejected' || !stored.has(key)) return;
      fragments.set(key, fragmentKey(item.ownerRef, this.options.dataset));
    });
    const bodies = byKey(await reader.get(FRAGMENTS.name, [...new Set(fragments.values())]));
    const held = [...stored].filter(([key, applied]) => {
      const fragment = bodies.get(fragments.get(key) ?? '');
      if (fragment === undefined) return true;
      return !isReleased(JSON.parse(fragment.body) as FragmentBody, applied.columns['revision'] as number, Infinity);
    });
    return new Map(held);
  }

  #isSame(item: AcceptedItem, document: StoredDocument): boolean {
    if (this.options.kind !== 'event') return document.columns['content'] === item.clientId?.contentHash;
    if (document.body === item.text) return true;
    return contentHash(this.options.secret, JSON.parse(document.body) as JsonValue) === item.clientId?.contentHash;
  }
}

function byKey(documents: readonly (StoredDocument | undefined)[]): ReadonlyMap<string, StoredDocument> {
  return new Map(documents.filter((one) => one !== undefined).map((one) => [one.key, one]));
}

function keyOf(item: PreparedItem): string | undefined {
  if (item.outcome === 'rejected' || item.clientId === undefined) return undefined;
  return itemKey(item.ownerRef, item.clientId.idHash);
}
