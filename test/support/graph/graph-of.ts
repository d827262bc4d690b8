import type { IdType } from '#catalog';
import { blockedValues, type GraphIdentity, type GraphLink, type GraphSettings } from '#identity';

/** Namespaces of examples. `WEB` is defined by a user. */
const TYPES: Readonly<Record<string, IdType>> = {
  CRMID: 'CROSS_DEVICE',
  Email: 'EMAIL',
  Phone: 'PHONE',
  IDFA: 'DEVICE',
  ECID: 'COOKIE',
  WEB: 'COOKIE',
};

export function settingsOf(settings: Partial<GraphSettings> = {}): GraphSettings {
  return {
    unique: new Set(['CRMID']),
    priority: ['CRMID', 'Email', 'WEB'],
    limit: 50,
    candidates: 200,
    blockedValues: blockedValues([]),
    ...settings,
  };
}

/** `<namespace>:<value>`. */
export function identityNamed(ref: string): GraphIdentity {
  const [namespace = '', id = ''] = ref.split(':');
  const idType = TYPES[namespace];
  if (idType === undefined) throw new Error(`examples do not know the namespace of ${ref}`);
  return { ref, namespace, id, idType };
}

export function identitiesNamed(refs: Iterable<string>): readonly GraphIdentity[] {
  return [...new Set(refs)].map(identityNamed);
}

/** That two identities occurred together, at a time. */
export type Together = readonly [one: string, other: string, at: number];

export function linkKeyOf(one: string, other: string): string {
  return [one, other].sort().join('+');
}

/** Links in the order in which the log saw them first. */
export function linksOf(together: readonly Together[]): readonly GraphLink[] {
  const links = new Map<string, GraphLink>();
  for (const [index, [one, other, at]] of together.entries()) {
    const key = linkKeyOf(one, other);
    const before = links.get(key);
    const [a, b] = [one, other].sort() as [string, string];
    const seen = before?.seen ?? String(index).padStart(6, '0');
    links.set(key, { key, a, b, last: Math.max(at, before?.last ?? at), seen, blocked: false });
  }
  return [...links.values()];
}
