import type { JsonObject } from '#core';

import { shapeOf } from '../schema/schema-shape.js';
import type { SchemaContent } from '../schema/schema.js';
import type { Shape, ShapeType } from '../schema/shape.js';
import { compileItemValidator, type ItemValidator } from './item-validator.js';

/** What a schema says of patches. */
export interface PatchRules {
  /** Of the data of a patch: the schema without what only a whole object can satisfy, `required` above all. */
  readonly validate: ItemValidator;
  /** Of an object that has only what is appended: elements must fit, how many there are is not known here. */
  readonly validateAppended: ItemValidator;
  /** What a path leads to; `undefined` where the schema does not declare it. Keys of objects only. */
  readonly placeOf: (path: readonly string[]) => PatchPlace | undefined;
}

export interface PatchPlace {
  /** `any`: the schema leaves open what stands here. */
  readonly type: ShapeType | 'any';
  /** The object around it must have it. */
  readonly required: boolean;
}

/** As for validators of items: they live as long as the version of their schema. */
const rules = new WeakMap<Shape, PatchRules>();

/** The rules for patches of one version of a schema; validators are compiled at first use. */
export function patchRulesOf(definition: SchemaContent): PatchRules {
  const shape = shapeOf(definition);
  const known = rules.get(shape);
  if (known !== undefined) return known;
  const made: PatchRules = {
    validate: lazily(() => compileItemValidator(partial(shape, 'whole arrays'))),
    validateAppended: lazily(() => compileItemValidator(partial(shape, 'parts of arrays'))),
    placeOf: (path) => placeIn(shape, path),
  };
  rules.set(shape, made);
  return made;
}

function lazily(compile: () => ItemValidator): ItemValidator {
  let validator: ItemValidator | undefined;
  return (item) => (validator ??= compile())(item);
}

/** Demands that judge an object by members that a patch need not repeat. */
const ON_WHOLE_OBJECTS = new Set([
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'const',
  'dependentSchemas',
  'dependentRequired',
  'minProperties',
]);

/**
 * The shape of a part of an item. Elements of arrays stay as they are: a patch gives each of them whole, since arrays
 * are replaced or appended to, never patched inside.
 */
function partial(shape: Shape, arrays: 'whole arrays' | 'parts of arrays'): Shape {
  switch (shape.type) {
    case 'object':
    case 'map':
      return {
        ...shape,
        required: new Set(),
        properties: new Map([...shape.properties].map(([name, inner]) => [name, partial(inner, arrays)])),
        ...(shape.each !== undefined && { each: partial(shape.each, arrays) }),
        demands: shape.demands.map(onParts).filter((demand) => Object.keys(demand).length > 0),
      };
    case 'array':
      return arrays === 'whole arrays' ? shape : { ...shape, unique: false, demands: [] };
    default:
      return shape;
  }
}

function onParts(demand: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(demand).filter(([keyword]) => !ON_WHOLE_OBJECTS.has(keyword)));
}

function placeIn(shape: Shape, [key, ...rest]: readonly string[]): PatchPlace | undefined {
  if (key === undefined || (shape.type !== 'object' && shape.type !== 'map')) return undefined;
  const required = shape.required.has(key);
  if (shape.type === 'map' && shape.each === undefined) return { type: 'any', required: required && rest.length === 0 };
  const inner = shape.properties.get(key) ?? shape.each;
  if (inner === undefined) return undefined;
  return rest.length === 0 ? { type: inner.type, required } : placeIn(inner, rest);
}
