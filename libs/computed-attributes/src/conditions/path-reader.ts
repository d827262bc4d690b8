import { EACH, getOwn, isJsonArray, isJsonObject, type DataPath, type JsonValue } from '#core';

/** What a path reaches in a value, without the making of lists that are thrown away again: it runs for every event. */
export interface PathReader {
  /** Whether any value there passes. */
  readonly some: (value: JsonValue, passes: (reached: JsonValue) => boolean) => boolean;
  /** Every value there, in the order of the data. */
  readonly each: (value: JsonValue, visit: (reached: JsonValue) => void) => void;
}

export function pathReader(path: DataPath): PathReader {
  const some = (value: JsonValue, passes: (reached: JsonValue) => boolean): boolean => walk(value, path, 0, passes);
  return {
    some,
    each: (value, visit) => {
      some(value, (reached) => {
        visit(reached);
        return false;
      });
    },
  };
}

function walk(start: JsonValue, path: DataPath, from: number, passes: (reached: JsonValue) => boolean): boolean {
  let value: JsonValue | undefined = start;
  for (let index = from; index < path.length; index += 1) {
    const step = path[index];
    if (step === EACH) {
      return elementsOf(value).some((element) => walk(element, path, index + 1, passes));
    }
    if (typeof step === 'string') value = isJsonObject(value) ? getOwn(value, step) : undefined;
    else value = Array.isArray(value) ? (value as readonly JsonValue[])[step as number] : undefined;
    if (value === undefined) return false;
  }
  return passes(value);
}

/** Of an array, or of a map such as `identityMap`, whose keys are data. */
function elementsOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}
