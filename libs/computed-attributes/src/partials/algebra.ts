import { DEFAULT_LIST, type AttributeDefinition } from '../attribute-definition.js';
import { COUNT_DISTINCT } from './distinct.js';
import { AVG, COUNT, MAX, MIN, SUM } from './numbers.js';
import type { Algebra } from './partial.js';
import { FIRST, listOf, MOST_RECENT } from './placed-values.js';

const ALGEBRAS = { SUM, COUNT, MIN, MAX, AVG, FIRST, MOST_RECENT, COUNT_DISTINCT } as const;

/** How the partials of an attribute are made, merged and finished. */
export function algebraOf({ aggregate, limit = DEFAULT_LIST }: AttributeDefinition): Algebra {
  const algebra = aggregate === 'LIST' ? listOf(limit) : ALGEBRAS[aggregate];
  // Partials of one attribute only ever meet one another.
  return algebra as unknown as Algebra;
}
