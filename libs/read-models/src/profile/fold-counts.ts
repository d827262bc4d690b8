import type { PageStage } from '#projection';
import { isApplied } from '#projection';

import { DATASET_COUNTS, datasetCountsKey, type DatasetCountsBody } from '../documents.js';
import type { FragmentChange } from './fragment-change.js';
import type { FragmentEntry, ProfilePage } from './profile-page.js';

type Counted = 'events' | 'recordFragments' | 'duplicates' | 'idsReused';

/** Last stage: what came in for each dataset. */
export const foldCounts: PageStage<FragmentChange, ProfilePage> = {
  name: 'counts',
  async fold(entries, session, page) {
    const counted = [...countedItems(entries, page)];
    await session.load(DATASET_COUNTS.name, new Set(counted.map(([entry]) => keyOf(entry))));
    const drafts = new Map<string, Record<Counted, number>>();
    for (const [entry, what] of counted) {
      const before = session.get<DatasetCountsBody>(DATASET_COUNTS.name, keyOf(entry));
      if (before !== undefined && isApplied(before.position, entry)) continue;
      const draft = drafts.get(keyOf(entry)) ?? { events: 0, recordFragments: 0, duplicates: 0, idsReused: 0 };
      draft[what] += 1;
      drafts.set(keyOf(entry), draft);
    }
    for (const [key, draft] of drafts) {
      const before = session.get<DatasetCountsBody>(DATASET_COUNTS.name, key)?.value;
      const [sandbox = '', dataset = ''] = splitOnce(key);
      const body: DatasetCountsBody = {
        sandbox,
        dataset,
        events: (before?.events ?? 0) + draft.events,
        recordFragments: (before?.recordFragments ?? 0) + draft.recordFragments,
        duplicates: (before?.duplicates ?? 0) + draft.duplicates,
        idsReused: (before?.idsReused ?? 0) + draft.idsReused,
      };
      session.put(DATASET_COUNTS.name, key, {}, body);
    }
  },
};

function keyOf({ value: { metadata } }: FragmentEntry): string {
  return datasetCountsKey(metadata.sandbox, metadata.dataset);
}

function splitOnce(key: string): readonly string[] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

function* countedItems(
  entries: readonly FragmentEntry[],
  page: ProfilePage,
): Generator<readonly [FragmentEntry, Counted]> {
  for (const entry of page.effective) if (entry.value.kind === 'event') yield [entry, 'events'];
  for (const entry of entries)
    if (entry.value.kind === 'record' && entry.revision === 0) yield [entry, 'recordFragments'];
  for (const { entry, outcome } of page.repeats) yield [entry, outcome === 'duplicate' ? 'duplicates' : 'idsReused'];
}
