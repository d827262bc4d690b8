import type { IdentityRef } from '#core';
import { LINKS, type ProfileBody, type ProfileMember } from '#read-models';
import type { DocumentReader } from '#read-store';

/**
 * When a member was last in an item, as far as the read model can tell: the newest of its events, of its associations
 * with others, and of when it was first seen. Epoch milliseconds.
 */
export async function lastSeen(
  reader: DocumentReader,
  { events }: ProfileBody,
  member: ProfileMember,
): Promise<number> {
  const owned = Object.values(events[member.ref] ?? {}).map(({ last }) => last);
  const linked = await Promise.all([newestLink(reader, 'by_a', member.ref), newestLink(reader, 'by_b', member.ref)]);
  return Math.max(member.firstSeen, ...owned, ...linked.flat());
}

async function newestLink(
  reader: DocumentReader,
  index: 'by_a' | 'by_b',
  ref: IdentityRef,
): Promise<readonly number[]> {
  const links = await reader.scan(LINKS.name, { index, equals: [ref], order: 'desc', limit: 1, body: false });
  return links.map(({ columns }) => columns['last'] as number);
}
