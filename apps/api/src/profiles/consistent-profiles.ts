import { setTimeout as delay } from 'node:timers/promises';

import { TesseraError, type IdentityRef } from '#core';
import type { FragmentState } from '#profile';
import { fragmentKey, FRAGMENTS, PROFILES, type FragmentBody } from '#read-models';

import type { SandboxView, StoredProfile } from './sandbox-view.js';

/** A commit takes milliseconds, and the next one seldom changes the same cluster: after a few turns something is wrong. */
const MOST_TRIES = 12;
const FIRST_PAUSE_MILLISECONDS = 1;
const LONGEST_PAUSE_MILLISECONDS = 32;
/** Profiles whose fragments are held at once. */
const SLICE = 200;

/** A record fragment that shows, and whose it is. */
export interface ShownFragment {
  readonly owner: IdentityRef;
  readonly dataset: string;
  readonly state: FragmentState;
}

/** A profile as it was at one moment. */
export interface ConsistentProfile {
  readonly profile: StoredProfile;
  /** `undefined` when nobody needs them. */
  readonly fragments: readonly ShownFragment[] | undefined;
}

/** What to read of the profile that was found for an identity: all of it, or a part. */
export interface ConsistentRead {
  readonly select: (profile: StoredProfile | undefined, ref: IdentityRef) => StoredProfile | undefined;
  readonly needsFragments: (profile: StoredProfile) => boolean;
}

/**
 * Profiles with their fragments, each as of one moment, aligned with `refs`. Documents are read one after another, so a
 * cluster that changed in between is read again. Throws `PROFILE_CHANGING` when one does so time and again.
 */
export async function consistentProfiles(
  view: SandboxView,
  refs: readonly IdentityRef[],
  read: ConsistentRead,
): Promise<readonly (ConsistentProfile | undefined)[]> {
  const found: (ConsistentProfile | undefined)[] = [];
  for (let from = 0; from < refs.length; from += SLICE) {
    found.push(...(await consistentSlice(view, refs.slice(from, from + SLICE), read)));
  }
  return found;
}

async function consistentSlice(
  view: SandboxView,
  refs: readonly IdentityRef[],
  read: ConsistentRead,
): Promise<readonly (ConsistentProfile | undefined)[]> {
  const found = new Map<IdentityRef, ConsistentProfile | undefined>();
  let pause = FIRST_PAUSE_MILLISECONDS;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const missing = [...new Set(refs)].filter((ref) => !found.has(ref));
    for (const [ref, profile] of await readOnce(view, missing, read)) found.set(ref, profile);
    if (found.size >= new Set(refs).size) return refs.map((ref) => found.get(ref));
    await delay(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
  }
  throw new TesseraError('PROFILE_CHANGING', 'The profile changed each time while its fragments were read.');
}

/** What did not change while it was read. */
async function readOnce(
  view: SandboxView,
  refs: readonly IdentityRef[],
  { select, needsFragments }: ConsistentRead,
): Promise<ReadonlyMap<IdentityRef, ConsistentProfile | undefined>> {
  const read = new Map<IdentityRef, ConsistentProfile | undefined>();
  const wanted: Wanted[] = [];
  const profiles = await view.profilesOf(refs);
  for (const [index, ref] of refs.entries()) {
    const stored = profiles[index];
    const profile = select(stored, ref);
    if (stored === undefined || profile === undefined) read.set(ref, undefined);
    else if (!needsFragments(profile)) read.set(ref, { profile, fragments: undefined });
    // A commit that is half done may lack the fragments of a profile that it has written already.
    else if (await view.version.isWhole(profile.position)) wanted.push({ ref, key: stored.id, profile });
  }
  if (wanted.length === 0) return read;
  const fragments = await fragmentsOf(view, wanted);
  const after = await view.reader.get(
    PROFILES.name,
    wanted.map(({ key }) => key),
    { body: false },
  );
  for (const [index, { ref, profile }] of wanted.entries()) {
    if (after[index]?.position === profile.position) read.set(ref, { profile, fragments: fragments[index] });
  }
  return read;
}

interface Wanted {
  readonly ref: IdentityRef;
  /** Of the document. */
  readonly key: string;
  readonly profile: StoredProfile;
}

/** Aligned with `wanted`. */
async function fragmentsOf(
  view: SandboxView,
  wanted: readonly Wanted[],
): Promise<readonly (readonly ShownFragment[])[]> {
  const owned = wanted.map(({ profile }) =>
    Object.entries(profile.body.records).flatMap(([owner, datasets]) =>
      datasets.map((dataset) => ({ owner, dataset, key: fragmentKey(owner, dataset) })),
    ),
  );
  const keys = [...new Set(owned.flat().map(({ key }) => key))];
  const documents = await view.reader.get(FRAGMENTS.name, keys);
  const shown = new Map<string, FragmentState>();
  for (const document of documents) {
    if (document === undefined) continue;
    const { shown: state } = JSON.parse(document.body) as FragmentBody;
    if (state !== undefined) shown.set(document.key, state);
  }
  return owned.map((fragments) =>
    fragments.flatMap(({ owner, dataset, key }) => {
      const state = shown.get(key);
      return state === undefined ? [] : [{ owner, dataset, state }];
    }),
  );
}
