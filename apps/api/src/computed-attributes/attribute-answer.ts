import type { ComputedAttribute } from '#computed-attributes';

import type { ComputedAttributeAnswer } from './computed-attribute.dto.js';

/** Both forms lie open: the expression as it was written, and what it was read as. */
export function attributeAnswer({ definition, ...attribute }: ComputedAttribute): ComputedAttributeAnswer {
  return { ...attribute, ...definition };
}
