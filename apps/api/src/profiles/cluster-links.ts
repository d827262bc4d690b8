import { DEFAULT_CANDIDATES, isBlocked, type BlockedValues } from '#identity';
import { toRfc3339, type Identity, type IdentityRef } from '#core';
import { associationsOf, IDENTITIES, LINKS, type IdentityBody, type LinkBody, type ProfileBody } from '#read-models';
import type { DocumentReader, StoredDocument } from '#read-store';

import { decodeCursor, encodeCursor } from '../common/cursor.js';
import type { LinkAnswer } from './cluster-answers.dto.js';

export interface LinkPageRequest {
  readonly limit: number;
  readonly cursor: string | undefined;
  /** Of the sandbox now: what they block counts as blocked, also where the job that says so has not come to it. */
  readonly blockedValues: BlockedValues;
}

export interface LinkPage {
  readonly links: readonly LinkAnswer[];
  /** Cursor, when there are more. */
  readonly next: string | undefined;
}

/** Where a page ended: which member's links, found from which end, and the last of them. */
interface Place {
  readonly member: IdentityRef;
  readonly side: 'a' | 'b';
  readonly key: string;
  readonly last: number;
}

/**
 * All links of a cluster's members, those included that do not join: they say why. Member after member, those at whose
 * first end the member is in the order of their keys, then those to outsiders at whose second end it is, newest first. A
 * link that is used again meanwhile may come twice.
 */
export async function linkPage(
  reader: DocumentReader,
  { members }: ProfileBody,
  { limit, cursor, blockedValues }: LinkPageRequest,
): Promise<LinkPage> {
  const found: (Place & { readonly document: StoredDocument })[] = [];
  const refs = new Set(members.map(({ ref }) => ref));
  for await (const one of linksOf(reader, [...refs].sort(), placeOf(cursor), limit + 1)) {
    // A link between two members is found from its first end.
    if (one.side === 'b' && refs.has(one.document.columns['a'] as IdentityRef)) continue;
    found.push(one);
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const bodies = page.map(({ document }) => JSON.parse(document.body) as LinkBody);
  const identities = await identitiesOf(reader, bodies, members);
  const last = page.at(-1);
  return {
    links: bodies.flatMap((body) => linkAnswer(body, identities, blockedValues)),
    next:
      found.length > limit && last !== undefined
        ? encodeCursor(last.member, last.side, last.key, last.last)
        : undefined,
  };
}

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [member, side, key, last] = decodeCursor(cursor, 'hash', 'string', 'hash', 'number');
  return { member, side: side === 'b' ? 'b' : 'a', key, last };
}

async function* linksOf(
  reader: DocumentReader,
  members: readonly IdentityRef[],
  from: Place | undefined,
  pageSize: number,
): AsyncGenerator<Place & { readonly document: StoredDocument }> {
  for (const member of members) {
    if (from !== undefined && member < from.member) continue;
    for (const side of ['a', 'b'] as const) {
      const isHere = from?.member === member;
      if (isHere && side < from.side) continue;
      let after = isHere && side === from.side ? from : undefined;
      for (;;) {
        const documents = await reader.scan(LINKS.name, scanOf(member, side, after, pageSize));
        for (const document of documents) {
          const { key } = document;
          const { last = 0 } = document.columns;
          after = { member, side, key, last: last as number };
          yield { ...after, document };
        }
        if (documents.length < pageSize) break;
      }
    }
  }
}

/** A link's key begins with its end `a`. */
function scanOf(member: IdentityRef, side: 'a' | 'b', after: Place | undefined, limit: number) {
  if (side === 'a') return { keyPrefix: member, limit, ...(after && { after: { key: after.key } }) };
  return {
    index: 'by_b',
    equals: [member],
    order: 'desc' as const,
    limit,
    ...(after && { after: { key: after.key, value: after.last } }),
  };
}

/** Both ends of most are members. */
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

function linkAnswer(
  link: LinkBody,
  identities: ReadonlyMap<IdentityRef, Identity>,
  blockedValues: BlockedValues,
): LinkAnswer[] {
  const [one, other] = [identities.get(link.a), identities.get(link.b)];
  if (one === undefined || other === undefined) return [];
  const associations = associationsOf(link);
  const datasets = [...new Set(associations.map(({ dataset }) => dataset))].sort();
  return [
    {
      a: one,
      b: other,
      ...(associations.length > 0 && {
        first: toRfc3339(Math.min(...associations.map(({ first }) => first))),
        last: toRfc3339(Math.max(...associations.map(({ last }) => last))),
      }),
      datasets,
      ...verdictOn(
        link,
        [one, other].find(({ id }) => isBlocked(blockedValues, id)),
      ),
    },
  ];
}

/** `blocked`: an end of which the value identifies nobody. */
function verdictOn(
  { block, state }: LinkBody,
  blocked: Identity | undefined,
): Pick<LinkAnswer, 'state' | 'reason' | 'by'> {
  if (block !== undefined) {
    return { state: 'blocked', reason: block.reason, ...(block.by !== undefined && { by: block.by }) };
  }
  if (blocked !== undefined) return { state: 'blocked', reason: `${blocked.namespace} has a value that is blocked` };
  switch (state?.state) {
    // Of a value that is not blocked any more, until the job has come to it.
    case 'blocked':
    case undefined:
      return { state: 'active' };
    case 'excluded':
      return { state: 'excluded', reason: `would join two identities of ${state.reason}, which is unique` };
    case 'evicted':
      return {
        state: 'evicted',
        reason:
          state.reason === 'limit'
            ? 'limit: one of the two left a profile with too many identities'
            : `candidates: one of the two has ${DEFAULT_CANDIDATES} newer links`,
      };
  }
}
