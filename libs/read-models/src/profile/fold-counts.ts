import type { IngestMetadata } from '#profile';
import { isApplied, type PageStage, type Session } from '#projection';

import { DATASET_COUNTS, datasetCountsKey, type DatasetCountsBody } from '../documents.js';
import type { FragmentChange } from './fragment-change.js';
import type { FragmentEntry, ProfilePage } from './profile-page.js';

type Counts = { -readonly [K in keyof Omit<DatasetCountsBody, 'sandbox' | 'dataset'>]: number };

/** Last stage: what came in for each dataset. */
export const foldCounts: PageStage<FragmentChange, ProfilePage> = {
  name: 'counts',
  async fold(entries, session, page) {
    const drafts = new Drafts();
    await session.load(DATASET_COUNTS.name, new Set(entries.map((entry) => drafts.keyOf(entry))));
    const add = (entry: FragmentEntry, what: keyof Counts): void => {
      const key = drafts.keyOf(entry);
      const before = session.get<DatasetCountsBody>(DATASET_COUNTS.name, key);
      if (before === undefined || !isApplied(before.position, entry)) drafts.of(key, before?.value)[what] += 1;
    };
    for (const entry of page.effective) if (entry.value.kind === 'event') add(entry, 'events');
    for (const entry of entries)
      if (entry.value.kind === 'record' && entry.revision === 0) add(entry, 'recordFragments');
    for (const { entry, outcome } of page.repeats) add(entry, outcome === 'duplicate' ? 'duplicates' : 'idsReused');
    drafts.put(session);
  },
};

/** The counts that a page changes, by document key. */
class Drafts {
  readonly #counts = new Map<string, Counts>();
  /** All items of a request share their metadata, so its key is made once. */
  #metadata: IngestMetadata | undefined;
  #key = '';

  keyOf({ value: { metadata } }: FragmentEntry): string {
    if (metadata !== this.#metadata) {
      this.#metadata = metadata;
      this.#key = datasetCountsKey(metadata.sandbox, metadata.dataset);
    }
    return this.#key;
  }

  of(key: string, before: DatasetCountsBody | undefined): Counts {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const { events, recordFragments, duplicates, idsReused } = before ?? NONE;
    const draft: Counts = { events, recordFragments, duplicates, idsReused };
    this.#counts.set(key, draft);
    return draft;
  }

  put(session: Session): void {
    for (const [key, counts] of this.#counts) {
      const slash = key.indexOf('/');
      const body: DatasetCountsBody = { sandbox: key.slice(0, slash), dataset: key.slice(slash + 1), ...counts };
      session.put(DATASET_COUNTS.name, key, {}, body);
    }
  }
}

const NONE: Counts = { events: 0, recordFragments: 0, duplicates: 0, idsReused: 0 };
