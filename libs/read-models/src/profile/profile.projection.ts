import type { NamingSecret } from '#core';
import { DEFAULT_CANDIDATES } from '#identity';
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
import { ATTRIBUTES, PARTIALS } from './computed-documents.js';
import { foldComputed } from './fold-computed.js';
import { foldCounts } from './fold-counts.js';
import { foldIdentities, type GraphBounds } from './fold-identities.js';
import { foldProfiles } from './fold-profiles.js';
import { foldStream } from './fold-stream.js';
import { changesRules, PROFILE_STREAMS, profileChangeDecoder, type ProfileChange } from './profile-change.js';
import { beginProfilePage, type ProfilePage } from './profile-page.js';
import { RULES } from './rules.js';

/**
 * Everything about people: fragments, then timeline, then identities, then profiles, in one commit. The caches hold what a
 * load touches again and again; their sizes are bounds on memory, not the result of a measurement.
 */
export function profileProjection(
  secret: NamingSecret,
  bounds: GraphBounds = { candidates: DEFAULT_CANDIDATES },
): AnyProjection {
  return defineProjection<ProfileChange, ProfilePage>({
    name: PROFILE_PROJECTION,
    version: 3,
    prefixes: PROFILE_STREAMS,
    standsAlone: changesRules,
    // They are written in this order, which `foldItems` relies on: what rests on an item is written before the item.
    collections: [
      { spec: RULES, codec: 'json', cache: 1_000 },
      { spec: ATTRIBUTES, codec: 'json', cache: 1_000 },
      { spec: DATASET_COUNTS, codec: 'json', cache: 1_000 },
      { spec: IDENTITIES, codec: 'json', cache: 5_000 },
      { spec: LINKS, codec: 'json', cache: 5_000 },
      { spec: PROFILES, codec: 'json', cache: 20_000 },
      { spec: PARTIALS, codec: 'json', cache: 5_000 },
      { spec: FRAGMENTS, codec: 'json', cache: 5_000 },
      { spec: APPLIED, codec: 'text', cache: 0 },
      { spec: TIMELINE, codec: 'text', cache: 0 },
      { spec: HIDDEN, codec: 'json', cache: 0 },
    ],
    decode: profileChangeDecoder(secret),
    beginPage: beginProfilePage,
    perStream: foldStream,
    perPage: [foldIdentities(bounds), foldProfiles, foldComputed, foldCounts],
  });
}
