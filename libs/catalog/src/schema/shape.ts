import type { JsonObject, JsonScalar } from '#core';

/** `object`: its properties are declared. `map`: its keys are data, such as namespaces in an `identityMap`. */
export const SHAPE_TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'map'] as const;
export type ShapeType = (typeof SHAPE_TYPES)[number];

/**
 * What may stand at one place of an item, with everything taken together that its schema and class say of it. This is
 * what a schema means: items are validated by it, versions are compared by it, unions are made of it.
 */
export interface Shape {
  readonly type: ShapeType;
  /** Of an `object`: every key that it may have. Empty otherwise. */
  readonly properties: ReadonlyMap<string, Shape>;
  readonly required: ReadonlySet<string>;
  /** Of each element of an `array` or value of a `map`; absent when anything may stand there. */
  readonly each?: Shape;
  /** The only values, where they are listed. */
  readonly allowed?: readonly JsonScalar[];
  /** Of an array of scalars. */
  readonly unique: boolean;
  /** Further keywords that must hold, one object for each schema that applies here. */
  readonly demands: readonly JsonObject[];
}
