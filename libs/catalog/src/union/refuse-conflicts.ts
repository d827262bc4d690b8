import { refused } from '../decision.js';
import type { SchemaClass } from '../schema/schema.js';
import type { UnionConflict } from './union-conflicts.js';

/** The refusal of what would give a path of the union of a class two types; `undefined` when there is no such path. */
export function refuseConflicts(what: string, schemaClass: SchemaClass, conflicts: readonly UnionConflict[]) {
  if (conflicts.length === 0) return undefined;
  const errors = conflicts.map(({ path, types: [type, other], schemas: [one, another] }) => {
    return { path, keyword: 'type', message: `is ${type} in the schema ${one} and ${other} in ${another}` };
  });
  const message = `${what} does not fit into the union of the class ${schemaClass}.`;
  return refused('UNION_CONFLICT', message, { errors, extra: { conflicts } });
}
