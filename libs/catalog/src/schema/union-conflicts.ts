import { shapeOf } from './schema-shape.js';
import type { Schema, SchemaDefinition } from './schema.js';
import type { ShapeType } from './shape.js';
import { typedPaths } from './typed-paths.js';

/** A path to which two schemas of one union give different types; both lists in the same order. */
export interface UnionConflict {
  readonly path: string;
  readonly types: readonly [ShapeType, ShapeType];
  readonly schemas: readonly [string, string];
}

/** Where a schema would not fit into the union that the enabled schemas of its class make. */
export function unionConflicts(
  schemas: Iterable<Schema>,
  candidate: Pick<SchemaDefinition, 'class' | 'schema'> & { readonly id: string },
): readonly UnionConflict[] {
  const wanted = typedPaths(shapeOf(candidate));
  return [...schemas]
    .filter((schema) => schema.enabled && schema.class === candidate.class && schema.id !== candidate.id)
    .flatMap((schema) =>
      [...typedPaths(shapeOf(schema))].flatMap(([path, type]): readonly UnionConflict[] => {
        const other = wanted.get(path);
        if (other === undefined || other === type) return [];
        return [{ path, types: [type, other], schemas: [schema.id, candidate.id] }];
      }),
    );
}
