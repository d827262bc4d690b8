import type { JsonObject } from '#core';

import type { Shape } from '../schema/shape.js';

/**
 * The shape as a JSON Schema that refuses every key that is not declared. References and `allOf` are gone, so that one
 * pass over an item checks it all.
 */
export function closedSchema(shape: Shape): JsonObject {
  const { allowed, demands } = shape;
  return {
    ...structure(shape),
    ...(allowed !== undefined && { enum: allowed }),
    // Two schemas may demand the same keyword in two ways.
    ...(demands.length === 1 ? demands[0] : demands.length > 1 && { allOf: demands }),
  };
}

function structure({ type, properties, required, each, unique }: Shape): JsonObject {
  switch (type) {
    case 'object':
      return {
        type,
        properties: Object.fromEntries([...properties].map(([name, property]) => [name, closedSchema(property)])),
        required: [...required],
        additionalProperties: false,
      };
    case 'map':
      return {
        type: 'object',
        required: [...required],
        additionalProperties: each === undefined || closedSchema(each),
      };
    case 'array':
      return { type, ...(each !== undefined && { items: closedSchema(each) }), ...(unique && { uniqueItems: true }) };
    default:
      return { type };
  }
}
