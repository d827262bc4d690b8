import type { Union, UnionPath } from '#catalog';
import { isPublished, type ComputedAttributes, type ValueType } from '#computed-attributes';

/** Adds what profiles show of published attributes to their union; no schema contributes it. */
export function withComputedAttributes(union: Union, attributes: ComputedAttributes): Union {
  if (union.class !== 'profile') return union;
  const paths = [...attributes.values()]
    .filter(isPublished)
    .map(({ name, type = 'number' }) => unionPath(`computedAttributes.${name}.value`, type));
  if (paths.length === 0) return union;
  return { ...union, paths: [...union.paths, ...paths].sort((one, other) => (one.path < other.path ? -1 : 1)) };
}

function unionPath(path: string, type: ValueType): UnionPath {
  return type === 'date-time'
    ? { path, type: 'string', formats: ['date-time'], schemas: [] }
    : { path, type, schemas: [] };
}
