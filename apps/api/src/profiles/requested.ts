import { defaultMergePolicy, type MergePolicy, type SandboxCatalog } from '#catalog';
import { parsePathList, parseRfc3339, TesseraError, type DataPath } from '#core';

import type { WantedAttributes } from '../computed-attributes/attribute-answers.js';

/** The paths of `fields`; `undefined` for all. Throws `INVALID_REQUEST` for what are no paths. */
export function requestedFields(fields: string | undefined): readonly DataPath[] | undefined {
  if (fields === undefined || fields === '') return undefined;
  const paths = parsePathList(fields);
  if (paths === undefined) throw invalid('fields', 'must be dotted paths with commas between them');
  return paths;
}

/** Epoch milliseconds. Throws `INVALID_REQUEST`. */
export function requestedTime(name: string, time: string | undefined): number | undefined {
  if (time === undefined || time === '') return undefined;
  const at = parseRfc3339(time);
  if (at === undefined) throw invalid(name, 'must be an RFC 3339 date-time, its + written as %2B');
  return at;
}

/** Which computed attributes are wanted, and of when; of `now` by default. Throws `INVALID_REQUEST`. */
export function requestedAttributes(
  { at, fields }: { readonly at?: string | undefined; readonly fields?: string | undefined },
  now: number,
): WantedAttributes {
  return { at: requestedTime('at', at) ?? now, fields: requestedFields(fields) };
}

/** The policy of this id, the default one without. Throws `MERGE_POLICY_NOT_FOUND`, `NO_MERGE_POLICY`. */
export function requestedPolicy(catalog: SandboxCatalog, id: string | undefined): MergePolicy {
  if (id === undefined || id === '') return defaultMergePolicy(catalog);
  const policy = catalog.mergePolicies.get(id);
  if (policy !== undefined) return policy;
  throw new TesseraError('MERGE_POLICY_NOT_FOUND', 'There is no such merge policy in this sandbox.');
}

function invalid(path: string, message: string): TesseraError {
  return new TesseraError('INVALID_REQUEST', `${path} ${message}.`, { errors: [{ path, message }] });
}
