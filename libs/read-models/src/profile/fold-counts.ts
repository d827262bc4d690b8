import { isApplied, type Entry, type PageStage, type Session } from '#projection';

import { DATASET_COUNTS, type DatasetCountsBody } from '../documents.js';
import { CountsKeys } from './fold-items.js';
import type { FragmentChange } from './fragment-change.js';
import type { ProfileChange } from './profile-change.js';
import type { Counted, ProfilePage } from './profile-page.js';

type Counts = { -readonly [K in Counted['what']]: number };

/** Last stage: what came in for each dataset. */
export const foldCounts: PageStage<ProfileChange, ProfilePage> = {
  name: 'counts',
  async fold(_entries, session, page) {
    // The first stage has loaded the counts of every dataset of the page.
    const drafts = new Drafts(session);
    for (const entry of page.effective) {
      if (entry.value.kind === 'event') drafts.add(entry as Entry<FragmentChange>, 'events', 1);
      else if (entry.value.kind === 'lifecycle') drafts.touch(entry as Entry<FragmentChange>);
    }
    for (const { entry, what, by } of page.counted) drafts.add(entry, what, by);
    drafts.put();
  },
};

/** The counts that a page changes, by document key. */
class Drafts {
  readonly #counts = new Map<string, Counts>();
  readonly #keys = new CountsKeys();

  constructor(private readonly session: Session) {}

  add(entry: Entry<FragmentChange>, what: Counted['what'], by: number): void {
    const key = this.#keys.of(entry);
    const before = this.session.get<DatasetCountsBody>(DATASET_COUNTS.name, key);
    if (before === undefined || !isApplied(before.position, entry)) this.#of(key)[what] += by;
  }

  /** Written although they may be the same: who finds them ahead of an entry knows that it comes again. */
  touch(entry: Entry<FragmentChange>): void {
    this.#of(this.#keys.of(entry));
  }

  #of(key: string): Counts {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const before = this.session.get<DatasetCountsBody>(DATASET_COUNTS.name, key)?.value ?? NONE;
    const { events, recordFragments, duplicates, idsReused, stale, oversized } = before;
    const draft: Counts = { events, recordFragments, duplicates, idsReused, stale, oversized };
    this.#counts.set(key, draft);
    return draft;
  }

  put(): void {
    for (const [key, counts] of this.#counts) {
      const slash = key.indexOf('/');
      const body: DatasetCountsBody = { sandbox: key.slice(0, slash), dataset: key.slice(slash + 1), ...counts };
      this.session.put(DATASET_COUNTS.name, key, {}, body);
    }
  }
}

const NONE: Counts = { events: 0, recordFragments: 0, duplicates: 0, idsReused: 0, stale: 0, oversized: 0 };
