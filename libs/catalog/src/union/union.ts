import type { SandboxCatalog } from '../sandbox-catalog.js';
import { BUILT_IN_CLASSES, type Schema, type SchemaClass } from '../schema/schema.js';
import { shapeOf } from '../schema/schema-shape.js';
import { shapesByPath } from '../schema/shapes-by-path.js';
import type { Shape, ShapeType } from '../schema/shape.js';

/** A path that enabled schemas of a class declare, and which of them do. */
export interface UnionPath {
  /** `[*]` stands for the elements of an array and the values of a map. */
  readonly path: string;
  readonly type: ShapeType;
  /** What schemas say of the form of a string, such as `date-time`; absent when none does. */
  readonly formats?: readonly string[];
  /** Ids, in order. */
  readonly schemas: readonly string[];
}

/** Everything that the enabled schemas of a class declare, as HTTP answers it. */
export interface Union {
  readonly class: SchemaClass;
  /** Ids of the enabled schemas, in order. */
  readonly schemas: readonly string[];
  /** By path, in order of code units. */
  readonly paths: readonly UnionPath[];
}

type Schemas = SandboxCatalog['schemas'];

/** Kept for as long as the schemas are as they are: a change of one makes another map of them. */
const unions = new WeakMap<Schemas, Map<SchemaClass, Union>>();

/** The union of a class; without paths while none of its schemas is enabled. */
export function unionOf({ schemas }: Pick<SandboxCatalog, 'schemas'>, schemaClass: SchemaClass): Union {
  const byClass = unions.get(schemas) ?? new Map<SchemaClass, Union>();
  unions.set(schemas, byClass);
  const known = byClass.get(schemaClass);
  if (known !== undefined) return known;
  const members = [...schemas.values()].filter((schema) => schema.enabled && schema.class === schemaClass);
  const union = unite(schemaClass, members.sort(byId));
  // Whatever name somebody asks for: only classes that are there take room.
  if (members.length > 0) byClass.set(schemaClass, union);
  return union;
}

/** The built-in classes and those of the sandbox's schemas, in order. */
export function classesOf({ schemas }: Pick<SandboxCatalog, 'schemas'>): readonly SchemaClass[] {
  const own = [...schemas.values()].map((schema) => schema.class);
  return [...new Set<SchemaClass>([...BUILT_IN_CLASSES, ...own])].sort();
}

interface Contributions {
  readonly type: ShapeType;
  readonly formats: Set<string>;
  readonly schemas: string[];
}

function unite(schemaClass: SchemaClass, members: readonly Schema[]): Union {
  const byPath = new Map<string, Contributions>();
  for (const member of members) {
    for (const [path, shape] of shapesByPath(shapeOf(member))) {
      const known = byPath.get(path);
      const contributions = known ?? { type: shape.type, formats: new Set(), schemas: [] };
      if (known === undefined) byPath.set(path, contributions);
      contributions.schemas.push(member.id);
      addFormats(contributions.formats, shape);
    }
  }
  const paths = [...byPath.keys()].sort().map((path) => unionPath(path, byPath.get(path) as Contributions));
  return { class: schemaClass, schemas: members.map(({ id }) => id), paths };
}

function addFormats(formats: Set<string>, { demands }: Shape): void {
  for (const { format } of demands) if (typeof format === 'string') formats.add(format);
}

function unionPath(path: string, { type, formats, schemas }: Contributions): UnionPath {
  return { path, type, ...(formats.size > 0 && { formats: [...formats].sort() }), schemas };
}

function byId(one: Schema, other: Schema): number {
  return one.id < other.id ? -1 : 1;
}
