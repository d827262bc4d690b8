import { STREAM_PREFIX, type NamingSecret } from '#core';
import { defineProjection, type AnyProjection } from '#projection';

import {
  APPLIED,
  DATASET_COUNTS,
  FRAGMENTS,
  HIDDEN,
  IDENTITIES,
  LINKS,
  PROFILE_PROJECTION,
  PROFILES,
  TIMELINE,
} from '../documents.js';
import { foldCounts } from './fold-counts.js';
import { foldIdentities } from './fold-identities.js';
import { foldItems } from './fold-items.js';
import { foldProfiles } from './fold-profiles.js';
import { fragmentChangeDecoder, type FragmentChange } from './fragment-change.js';
import { beginProfilePage, type ProfilePage } from './profile-page.js';

/**
 * Everything about people: fragments, then timeline, then identities, then profiles, in one commit. The caches hold what a
 * load touches again and again; their sizes are bounds on memory, not the result of a measurement.
 */
export function profileProjection(secret: NamingSecret): AnyProjection {
  return defineProjection<FragmentChange, ProfilePage>({
    name: PROFILE_PROJECTION,
    version: 2,
    prefixes: [STREAM_PREFIX.fragment],
    // They are written in this order, which `foldItems` relies on: what rests on an item is written before the item.
    collections: [
      { spec: DATASET_COUNTS, codec: 'json', cache: 1_000 },
      { spec: IDENTITIES, codec: 'json', cache: 5_000 },
      { spec: LINKS, codec: 'json', cache: 5_000 },
      { spec: PROFILES, codec: 'json', cache: 20_000 },
      { spec: FRAGMENTS, codec: 'json', cache: 5_000 },
      { spec: APPLIED, codec: 'text', cache: 0 },
      { spec: TIMELINE, codec: 'text', cache: 0 },
      { spec: HIDDEN, codec: 'json', cache: 0 },
    ],
    decode: fragmentChangeDecoder(secret),
    beginPage: beginProfilePage,
    perStream: foldItems,
    perPage: [foldIdentities, foldProfiles, foldCounts],
  });
}
