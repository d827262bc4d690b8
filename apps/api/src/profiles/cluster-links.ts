import { toRfc3339, type Identity, type IdentityRef } from '#core';
import { associationsOf, IDENTITIES, LINKS, type IdentityBody, type LinkBody, type ProfileBody } from '#read-models';
import type { DocumentReader, StoredDocument } from '#read-store';

import type { LinkAnswer } from './cluster-answers.dto.js';

export interface LinkPage {
  readonly links: readonly LinkAnswer[];
  /** Key of the last link, when there are more. */
  readonly end: string | undefined;
}

/** Links of a cluster in the order of their keys, which does not change when links are used again. */
export async function linkPage(
  reader: DocumentReader,
  { members }: ProfileBody,
  limit: number,
  after: string | undefined,
): Promise<LinkPage> {
  const documents: StoredDocument[] = [];
  // A link's key begins with its end `a`, so going through all members finds each link of the cluster once.
  for (const ref of members.map((member) => member.ref).sort()) {
    if (after !== undefined && ref < after.slice(0, ref.length)) continue;
    const wanted = limit + 1 - documents.length;
    if (wanted === 0) break;
    const isResumed = after?.startsWith(ref) === true;
    const options = { keyPrefix: ref, limit: wanted, ...(isResumed && { after: { key: after } }) };
    documents.push(...(await reader.scan(LINKS.name, options)));
  }
  const page = documents.slice(0, limit);
  const bodies = page.map(({ body }) => JSON.parse(body) as LinkBody);
  const identities = await identitiesOf(reader, bodies, members);
  return {
    links: bodies.flatMap((body) => linkAnswer(body, identities)),
    end: documents.length > limit ? page.at(-1)?.key : undefined,
  };
}

/** Both ends are members, unless the cluster changed between two reads. */
async function identitiesOf(
  reader: DocumentReader,
  links: readonly LinkBody[],
  members: ProfileBody['members'],
): Promise<ReadonlyMap<IdentityRef, Identity>> {
  const identities = new Map<IdentityRef, Identity>(members.map(({ ref, namespace, id }) => [ref, { namespace, id }]));
  const missing = [...new Set(links.flatMap(({ a, b }) => [a, b]))].filter((ref) => !identities.has(ref));
  if (missing.length === 0) return identities;
  for (const document of await reader.get(IDENTITIES.name, missing)) {
    if (document === undefined) continue;
    const { namespace, id } = JSON.parse(document.body) as IdentityBody;
    identities.set(document.key, { namespace, id });
  }
  return identities;
}

function linkAnswer(link: LinkBody, identities: ReadonlyMap<IdentityRef, Identity>): LinkAnswer[] {
  const [one, other] = [identities.get(link.a), identities.get(link.b)];
  if (one === undefined || other === undefined) return [];
  const associations = associationsOf(link);
  const first = toRfc3339(Math.min(...associations.map((association) => association.first)));
  const last = toRfc3339(Math.max(...associations.map((association) => association.last)));
  const datasets = [...new Set(associations.map(({ dataset }) => dataset))].sort();
  return [{ a: one, b: other, first, last, datasets, state: 'active' }];
}
