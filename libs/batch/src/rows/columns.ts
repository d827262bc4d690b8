import type { Shape } from '#catalog';
import { formatPath, parsePath, TesseraError, type FieldError } from '#core';

/** A column of a file: where its values go in an item, and what the schema says may stand there. */
export interface Column {
  /** As the file names it. */
  readonly name: string;
  /** Keys from the item down. */
  readonly path: readonly string[];
  /** `undefined` below a map whose values can be anything. */
  readonly shape: Shape | undefined;
}

/** What the instructions of an item are made of; they stand in no schema. */
const INSTRUCTIONS: ReadonlyMap<string, Shape['type']> = new Map([['$messageId', 'string']]);

/**
 * The columns of a header. A name is a dotted path into the item: `name.first`, or `["a.b"]` for a key with a dot.
 * Throws `COLUMNS_INVALID` with everything that is wrong with them.
 */
export function columnsOf(names: readonly string[], shape: Shape): readonly Column[] {
  const errors: FieldError[] = [];
  const columns = names.flatMap((name, index) => {
    const column = columnOf(name.trim(), shape);
    if (typeof column !== 'string') return [column];
    errors.push({ path: name.trim() || `[${index}]`, message: column });
    return [];
  });
  errors.push(...clashes(columns));
  const [first] = errors;
  if (first === undefined) return columns;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new TesseraError('COLUMNS_INVALID', `The column ${JSON.stringify(first.path)} ${first.message}${more}.`, {
    errors,
  });
}

function columnOf(name: string, shape: Shape): Column | string {
  if (name === '') return 'has no name';
  const instruction = INSTRUCTIONS.get(name);
  if (instruction !== undefined) return { name, path: [name], shape: plainShape(instruction) };
  const path = parsePath(name);
  if (path === undefined || !path.every((step) => typeof step === 'string')) return 'is not a dotted path';
  const found = shapeAt(shape, path);
  return found === 'unknown' ? 'is not in the schema' : { name, path, shape: found };
}

function plainShape(type: Shape['type']): Shape {
  return { type, properties: new Map(), required: new Set(), unique: false, demands: [] };
}

/** What may stand at a path through objects and maps. */
export function shapeAt(shape: Shape, path: readonly string[]): Shape | 'unknown' | undefined {
  let current: Shape | undefined = shape;
  for (const key of path) {
    if (current === undefined) return undefined;
    if (current.type === 'map') current = current.each;
    else {
      const property: Shape | undefined = current.type === 'object' ? current.properties.get(key) : undefined;
      if (property === undefined) return 'unknown';
      current = property;
    }
  }
  return current;
}

/** The same place twice, or a place and one below it. */
function clashes(columns: readonly Column[]): readonly FieldError[] {
  const taken = new Set<string>();
  const above = new Set<string>();
  const errors: FieldError[] = [];
  for (const { name, path } of columns) {
    const here = formatPath(path);
    const parents = path.slice(1).map((_, index) => formatPath(path.slice(0, index + 1)));
    if (taken.has(here)) errors.push({ path: name, message: 'is there twice' });
    else if (above.has(here) || parents.some((parent) => taken.has(parent))) {
      errors.push({ path: name, message: 'is above or below another column' });
    }
    taken.add(here);
    for (const parent of parents) above.add(parent);
  }
  return errors;
}
