import type { SchemaContent } from '../schema/schema.js';
import { shapeOf } from '../schema/schema-shape.js';
import { shapesByPath } from '../schema/shapes-by-path.js';
import type { ShapeType } from '../schema/shape.js';

/** A path to which two schemas of one union give different types; both lists in the same order. */
export interface UnionConflict {
  readonly path: string;
  readonly types: readonly [ShapeType, ShapeType];
  readonly schemas: readonly [string, string];
}

export type UnionMember = SchemaContent & { readonly id: string };

/** Where a schema would not fit into the union that the enabled schemas of its class make. */
export function unionConflicts(
  schemas: Iterable<UnionMember & { readonly enabled: boolean }>,
  candidate: UnionMember,
): readonly UnionConflict[] {
  const others = [...schemas].filter(
    (schema) => schema.enabled && schema.class === candidate.class && schema.id !== candidate.id,
  );
  return conflictsAmong([...others, candidate]);
}

/** Schemas of one class; each path once, with the first schema that declares it and the first that says otherwise. */
export function conflictsAmong(members: readonly UnionMember[]): readonly UnionConflict[] {
  const first = new Map<string, { readonly type: ShapeType; readonly schema: string }>();
  const conflicts = new Map<string, UnionConflict>();
  for (const member of members) {
    for (const [path, { type }] of shapesByPath(shapeOf(member))) {
      const known = first.get(path);
      if (known === undefined) first.set(path, { type, schema: member.id });
      else if (known.type !== type && !conflicts.has(path)) {
        conflicts.set(path, { path, types: [known.type, type], schemas: [known.schema, member.id] });
      }
    }
  }
  return [...conflicts.values()];
}
