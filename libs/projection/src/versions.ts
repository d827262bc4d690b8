import type { ProjectionVersion, ReadStore, RegistryEntry } from '#read-store';

/**
 * Collections are named by a storage version: the fold's version times this, plus the number of rebuilds under that
 * fold. So a rebuild and a new release never want the same name, and the higher number is always the newer one.
 */
const GENERATIONS_PER_FOLD = 1_000;

export function firstGeneration(foldVersion: number): number {
  return foldVersion * GENERATIONS_PER_FOLD;
}

export function foldVersionOf(storageVersion: number): number {
  return Math.floor(storageVersion / GENERATIONS_PER_FOLD);
}

/** The next storage version for this fold that was never used. */
export function nextGeneration(entry: RegistryEntry, foldVersion: number): number {
  return Math.max(firstGeneration(foldVersion), entry.active + 1, ...entry.retired.map((version) => version + 1));
}

/** The registry entry of a projection, made when there is none. */
export async function register(store: ReadStore, projection: string, foldVersion: number): Promise<RegistryEntry> {
  for (;;) {
    const entry = await store.registry(projection);
    if (entry !== undefined) return entry;
    await store.setRegistry(projection, undefined, { active: firstGeneration(foldVersion), retired: [] });
  }
}

/** The version to fill beside the live one: the one that was begun already, or a new one. */
export async function beginBuilding(store: ReadStore, projection: string, foldVersion: number): Promise<number> {
  for (;;) {
    const entry = await register(store, projection, foldVersion);
    if (entry.building !== undefined && foldVersionOf(entry.building) === foldVersion) return entry.building;
    const building = nextGeneration(entry, foldVersion);
    if (await store.setRegistry(projection, entry, { ...entry, building })) return building;
  }
}

/** Makes `version` the one that readers use; the one before stays for rollback, older ones are dropped. */
export async function switchTo(store: ReadStore, { projection, version }: ProjectionVersion): Promise<void> {
  const entry = await store.registry(projection);
  if (entry === undefined) throw new Error(`the projection ${projection} is not registered`);
  const switched = await store.setRegistry(projection, entry, { active: version, retired: [entry.active] });
  if (!switched) throw new Error(`the registry entry of ${projection} changed during the switch`);
  for (const old of entry.retired) await store.drop({ projection, version: old });
}

/** Gives up the version that is being filled. */
export async function abandonBuilding(store: ReadStore, projection: string): Promise<void> {
  const entry = await store.registry(projection);
  if (entry?.building === undefined) return;
  const { building, ...rest } = entry;
  if (await store.setRegistry(projection, entry, rest)) await store.drop({ projection, version: building });
}
