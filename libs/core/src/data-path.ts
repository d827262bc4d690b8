import { getOwn, isJsonObject, type JsonValue } from './json.js';

/** The step into every element of an array, written `[*]`. */
export const EACH = Symbol('[*]');

/** A key of an object, an index of an array, or every element of an array. */
export type PathStep = string | number | typeof EACH;

/** A place in JSON data; the empty path is the whole value. */
export type DataPath = readonly PathStep[];

/** A value and the concrete path (without `EACH`) at which it was found. */
export interface Located {
  readonly path: DataPath;
  readonly value: JsonValue;
}

const KEY = /[^.,[\]"\s][^.,[\]"]*/y;
const BRACKET = /\[(?:(\*)|(\d{1,9})|("(?:[^"\\]|\\.)*"))\]/y;
const PLAIN_KEY = /^[^.,[\]"\s][^.,[\]"]*$/;

/** Reads `person.name.first`, `items[*].sku`, `["a.b"].c`. `undefined` when the text is not such a path. */
export function parsePath(text: string): DataPath | undefined {
  const paths = parsePathList(text);
  return paths?.length === 1 ? paths[0] : undefined;
}

/** Reads paths that stand one after the other with commas between them, as `?fields=` gives them. */
export function parsePathList(text: string): readonly DataPath[] | undefined {
  const paths: PathStep[][] = [];
  let path: PathStep[] = [];
  let at = 0;
  for (;;) {
    const bracket = matchAt(BRACKET, text, at);
    // A key follows a dot or begins the path; a bracket may follow anything but a dot.
    const afterDot = path.length > 0 && text[at] === '.';
    const key =
      bracket === undefined && (path.length === 0 || afterDot) ? matchAt(KEY, text, afterDot ? at + 1 : at) : undefined;
    const match = bracket ?? key;
    if (match === undefined) return undefined;
    const step = bracket === undefined ? match[0] : bracketStep(bracket);
    if (step === undefined) return undefined;
    path.push(step);
    at = match.index + match[0].length;
    if (at < text.length && text[at] !== ',') continue;
    paths.push(path);
    if (at === text.length) return paths;
    path = [];
    at += 1;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function bracketStep([, each, index, key]: RegExpExecArray): PathStep | undefined {
  if (each !== undefined) return EACH;
  if (index !== undefined) return Number(index);
  try {
    return JSON.parse(key as string) as string;
  } catch {
    return undefined;
  }
}

/** The reverse of `parsePath`. */
export function formatPath(path: DataPath): string {
  let text = '';
  for (const step of path) text = joinPath(text, step);
  return text;
}

/** The text of a path that goes one step further than the path with this text. */
export function joinPath(text: string, step: PathStep): string {
  if (step === EACH) return `${text}[*]`;
  if (typeof step === 'number') return `${text}[${step}]`;
  if (!PLAIN_KEY.test(step)) return `${text}[${JSON.stringify(step)}]`;
  return text === '' ? step : `${text}.${step}`;
}

/** The value at a path; of a path with `[*]`, the first one. `undefined` when there is none. */
export function valueAt(value: JsonValue, path: DataPath): JsonValue | undefined {
  return path.includes(EACH) ? valuesAt(value, path)[0]?.value : valueAtConcrete(value, path);
}

/** All values that a path reaches, in the order of the data. */
export function valuesAt(value: JsonValue, path: DataPath): readonly Located[] {
  const each = path.indexOf(EACH);
  const prefix = each < 0 ? path : path.slice(0, each);
  const reached = valueAtConcrete(value, prefix);
  if (reached === undefined) return [];
  if (each < 0) return [{ path, value: reached }];
  if (!Array.isArray(reached)) return [];
  const rest = path.slice(each + 1);
  return reached.flatMap((element: JsonValue, index) =>
    valuesAt(element, rest).map((found) => ({ path: [...prefix, index, ...found.path], value: found.value })),
  );
}

function valueAtConcrete(value: JsonValue, path: DataPath): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const step of path) {
    if (typeof step === 'string') current = isJsonObject(current) ? getOwn(current, step) : undefined;
    else if (typeof step === 'number') current = elementAt(current, step);
    if (current === undefined) return undefined;
  }
  return current;
}

function elementAt(value: JsonValue, index: number): JsonValue | undefined {
  return Array.isArray(value) ? (value as readonly JsonValue[])[index] : undefined;
}
