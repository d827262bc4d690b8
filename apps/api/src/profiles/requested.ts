import { parsePathList, parseRfc3339, TesseraError, type DataPath } from '#core';

import { DEFAULT_POLICY } from './profile-answer.js';

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

/** Throws `MERGE_POLICY_NOT_FOUND` for any policy but the one that comes with the sandbox. */
export function checkMergePolicy(id: string | undefined): void {
  if (id === undefined || id === '' || id === DEFAULT_POLICY.id) return;
  throw new TesseraError('MERGE_POLICY_NOT_FOUND', 'There is no such merge policy in this sandbox.');
}

function invalid(path: string, message: string): TesseraError {
  return new TesseraError('INVALID_REQUEST', `${path} ${message}.`, { errors: [{ path, message }] });
}
