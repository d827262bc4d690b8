import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '#core';
import type { IdentityRules } from '#identity';

import { applyPatch, type Append, type KeyPath, type Patch } from '../patch.js';
import type { Instructions } from './instructions.js';
import { readPatchInstructions, type PatchSchema } from './patch-instructions.js';
import { rejected, rejectedAt, type RejectedItem } from './prepared-item.js';

export interface PreparedPatch {
  readonly outcome: 'patch';
  readonly patch: Patch;
  /** All that the patch says, appended elements too: its identities stand there. */
  readonly named: JsonObject;
}

/** Decides about the data and the instructions of an upsert; whose fragment it patches is decided afterwards. */
export function preparePatch(
  schema: PatchSchema,
  identities: IdentityRules,
  data: JsonObject,
  instructions: Instructions,
): PreparedPatch | RejectedItem {
  const errors = schema.validate(data);
  if (errors.length > 0) return rejected('SCHEMA_VIOLATION', errors);
  const read = readPatchInstructions(schema, instructions.append, instructions.unset);
  if ('outcome' in read) return read;
  const { append, unset } = read;
  const fault = ownerFault(identities, append, unset);
  if (fault !== undefined) return fault;
  if (append.length === 0) return { outcome: 'patch', patch: { data, append, unset }, named: data };
  const appended = schema.validateAppended(applyPatch({}, { data: {}, append, unset: [] }));
  if (appended.length > 0) return rejected('SCHEMA_VIOLATION', appended);
  return { outcome: 'patch', patch: { data, append, unset }, named: applyPatch(data, { data: {}, append, unset: [] }) };
}

/** A patch cannot change whose the fragment is: data names the same owner again, and nothing else may touch it. */
function ownerFault(
  { descriptors }: IdentityRules,
  append: readonly Append[],
  unset: readonly KeyPath[],
): RejectedItem | undefined {
  const owners = descriptors.filter(({ primary }) => primary).map(({ path }) => path);
  const removing = unset.findIndex((keys) => owners.some((path) => keys.every((key, depth) => path[depth] === key)));
  if (removing >= 0) return rejectedAt('SCHEMA_VIOLATION', `$unset[${removing}]`, OWNER_RULE);
  const claiming = append.find(({ path, items }) => path[0] === 'identityMap' && items.some(claimsToOwn));
  return claiming && rejectedAt('SCHEMA_VIOLATION', '$append', OWNER_RULE);
}

const OWNER_RULE = 'would change the primary identity: a patch cannot change whose the fragment is';

function claimsToOwn(entry: JsonValue): boolean {
  return isJsonObject(entry) && getOwn(entry, 'primary') === true;
}
