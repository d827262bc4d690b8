import type { IdentityRef, SandboxId } from '#core';
import {
  graphSettings,
  reevaluateGraph,
  type GraphChanges,
  type GraphSettings,
  type ReevaluatedGraph,
} from '#identity';
import type { Session } from '#projection';

import { LINKS, PROFILES, type LinkBody, type ProfileBody } from '../documents.js';
import { putLink, type PageLinks } from './fold-links.js';
import type { FoldedCluster } from './profile-page.js';
import { identitySettingsOf, RULES, type RulesBody } from './rules.js';
import { endsOfKey, StoredGraph, type StoredGraphOptions } from './stored-graph.js';

/** What happened to the graph of one sandbox. */
export interface SandboxChanges {
  readonly links: PageLinks;
  /** Identities whose clusters are to be evaluated although none of their links changed. */
  readonly refresh: Set<IdentityRef>;
  /** A torn commit has left profiles that are ahead of the page. */
  isTorn: boolean;
}

/** Lets the graph judge, and keeps what it says of links. */
export async function evaluateClusters(
  sandbox: SandboxId,
  { links, refresh, isTorn: isAhead }: SandboxChanges,
  options: Pick<StoredGraphOptions, 'session' | 'from' | 'candidates'>,
): Promise<readonly FoldedCluster[]> {
  const { session, candidates } = options;
  const rules = session.get<RulesBody>(RULES.name, sandbox)?.value;
  const graph = new StoredGraph({ ...options, rules });
  const settings = { ...graphSettings(identitySettingsOf(rules)), candidates };
  const changes = { links: links.changes(), refresh: [...refresh] };
  let result = isAhead || links.isDoubtful ? undefined : await evaluateOnTrust(changes, graph, settings);
  if (result === undefined) {
    graph.distrust();
    const all = new Set([...refresh, ...links.ends()]);
    for (let known = -1; known < all.size;) {
      known = all.size;
      result = await reevaluateGraph({ ...changes, refresh: [...all] }, graph, settings);
      // Both ends of what changes, or was changed by the torn commit, belong to it, and what that has left behind.
      for (const ref of graph.tornEnds) all.add(ref);
      for (const ref of [...result.states.keys()].flatMap(endsOfKey)) all.add(ref);
      for (const ref of await loadLeftBehind(session, sandbox)) all.add(ref);
    }
  }
  if (result === undefined) return [];
  putStates(result, session);
  return result.components.flatMap(({ clusters }) =>
    clusters.map((members): FoldedCluster => ({ members, limited: clusters.length > 1 })),
  );
}

/**
 * Members of profiles that a torn commit should have absorbed or parted: some have a later one already, and the others are
 * still to get theirs. All are loaded.
 */
export async function loadLeftBehind(session: Session, sandbox?: SandboxId): Promise<ReadonlySet<IdentityRef>> {
  const refs = new Set<IdentityRef>();
  for (let known = -1; known < refs.size;) {
    known = refs.size;
    for (const key of session.superseded(PROFILES.name)) {
      const profile = session.get<ProfileBody>(PROFILES.name, key)?.value;
      if (profile === undefined || (sandbox !== undefined && profile.sandbox !== sandbox)) continue;
      for (const { ref } of profile.members) refs.add(ref);
    }
    await session.loadByMember(PROFILES.name, refs);
  }
  return refs;
}

/** `undefined` when something of a torn commit was met, also when what is stored made no sense because of it. */
async function evaluateOnTrust(
  changes: GraphChanges,
  graph: StoredGraph,
  settings: GraphSettings,
): Promise<ReevaluatedGraph | undefined> {
  try {
    const result = await reevaluateGraph(changes, graph, settings);
    return graph.isTorn ? undefined : result;
  } catch (error) {
    if (graph.isTorn) return undefined;
    throw error;
  }
}

function putStates({ states }: ReevaluatedGraph, session: Session): void {
  for (const [key, state] of states) {
    const link = session.get<LinkBody>(LINKS.name, key)?.value;
    if (link === undefined) continue;
    const { state: _before, ...rest } = link;
    putLink(key, { ...rest, ...(state.state !== 'active' && { state }) }, session);
  }
}
