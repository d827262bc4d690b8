import { EACH, formatPath, type DataPath } from '#core';

import type { Shape, ShapeType } from './shape.js';

/** Every path of a shape with its type. `[*]` stands for the elements of an array and for the values of a map. */
export function typedPaths(shape: Shape): ReadonlyMap<string, ShapeType> {
  const paths = new Map<string, ShapeType>();
  collect(shape, [], paths);
  return paths;
}

function collect(shape: Shape, path: DataPath, paths: Map<string, ShapeType>): void {
  if (path.length > 0) paths.set(formatPath(path), shape.type);
  for (const [name, property] of shape.properties) collect(property, [...path, name], paths);
  if (shape.each !== undefined) collect(shape.each, [...path, EACH], paths);
}
