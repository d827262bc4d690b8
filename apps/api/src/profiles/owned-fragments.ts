import type { SandboxCatalog } from '#catalog';
import type { Identity, IdentityRef } from '#core';
import { holdsAttributes } from '#profile';
import { fragmentKey, FRAGMENTS, HIDDEN, hiddenKey, type FragmentBody, type ProfileBody } from '#read-models';
import type { DocumentReader } from '#read-store';

import type { FragmentOf } from '../fragments/lifecycle-appends.js';

/** An identity and its name in read models. */
export interface Owner extends Identity {
  readonly ref: IdentityRef;
}

const PAGE = 500;
/** Behind every hidden item of a fragment. */
const LAST_REVISION = 0xffff_ffff;

/** Every fragment that an owner has, whether it shows or not. `profile`: of its cluster, when there is one. */
export async function fragmentsOwnedBy(
  reader: DocumentReader,
  { datasets }: SandboxCatalog,
  owner: Owner,
  profile: ProfileBody | undefined,
): Promise<readonly FragmentOf[]> {
  const held = new Set<string>(Object.keys(profile?.events[owner.ref] ?? {}));
  for (const dataset of await recordDatasets(reader, owner.ref)) held.add(dataset);
  const hidden = await hiddenFragments(reader, owner.ref);
  if (hidden.size > 0) {
    for (const dataset of datasets.keys()) if (hidden.has(fragmentKey(owner.ref, dataset))) held.add(dataset);
  }
  const { namespace, id } = owner;
  return [...held].sort().map((dataset) => ({ dataset, owner: { namespace, id } }));
}

async function recordDatasets(reader: DocumentReader, owner: IdentityRef): Promise<readonly string[]> {
  const datasets: string[] = [];
  for (let after: { readonly key: string } | undefined; ;) {
    const page = await reader.scan(FRAGMENTS.name, { keyPrefix: owner, limit: PAGE, ...(after && { after }) });
    for (const { body } of page) {
      const fragment = JSON.parse(body) as FragmentBody;
      if (holdsAttributes(fragment)) datasets.push(fragment.dataset);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return datasets;
    after = { key: last.key };
  }
}

/** Keys of the fragments with items that do not show; one read for each, however many items they have. */
async function hiddenFragments(reader: DocumentReader, owner: IdentityRef): Promise<ReadonlySet<string>> {
  const fragments = new Set<string>();
  for (let after: { readonly key: string } | undefined; ;) {
    const options = { keyPrefix: owner, limit: 1, body: false, ...(after && { after }) };
    const [found] = await reader.scan(HIDDEN.name, options);
    if (found === undefined) return fragments;
    const fragment = found.key.slice(0, -8);
    fragments.add(fragment);
    after = { key: hiddenKey(fragment, LAST_REVISION) };
  }
}
