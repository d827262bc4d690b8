import { EACH, formatPath, type DataPath } from '#core';

import type { Shape } from './shape.js';

/** Writing the paths of a large schema takes as long as reading it; both are kept for as long as the shape. */
const known = new WeakMap<Shape, ReadonlyMap<string, Shape>>();

/** Every path of a shape with what may stand there. `[*]` stands for the elements of an array and the values of a map. */
export function shapesByPath(shape: Shape): ReadonlyMap<string, Shape> {
  const kept = known.get(shape);
  if (kept !== undefined) return kept;
  const paths = new Map<string, Shape>();
  collect(shape, [], paths);
  known.set(shape, paths);
  return paths;
}

function collect(shape: Shape, path: DataPath, paths: Map<string, Shape>): void {
  if (path.length > 0) paths.set(formatPath(path), shape);
  for (const [name, property] of shape.properties) collect(property, [...path, name], paths);
  if (shape.each !== undefined) collect(shape.each, [...path, EACH], paths);
}
