import { EACH, type DataPath, type PathStep } from './data-path.js';
import { getOwn, isJsonObject, setOwn, type JsonObject, type JsonValue } from './json.js';

/** Paths as a tree. `whole` ends a path: all that is below it is wanted. */
interface Selection {
  whole: boolean;
  readonly steps: Map<PathStep, Selection>;
}

/**
 * The subtrees of an object that the paths name, in the shape they have in it. What a path does not find is left out;
 * so are objects and arrays in which nothing was found.
 */
export function selectFields(object: JsonObject, paths: readonly DataPath[]): JsonObject {
  return (selected(object, selectionOf(paths)) as JsonObject | undefined) ?? {};
}

function selectionOf(paths: readonly DataPath[]): Selection {
  const root: Selection = { whole: false, steps: new Map() };
  for (const path of paths) {
    let node = root;
    for (const step of path) {
      const next = node.steps.get(step) ?? { whole: false, steps: new Map<PathStep, Selection>() };
      node.steps.set(step, next);
      node = next;
    }
    node.whole = true;
  }
  return root;
}

function selected(value: JsonValue, selection: Selection): JsonValue | undefined {
  if (selection.whole) return value;
  if (Array.isArray(value)) return selectedElements(value, selection);
  return isJsonObject(value) ? selectedMembers(value, selection) : undefined;
}

function selectedMembers(object: JsonObject, selection: Selection): JsonObject | undefined {
  const result: Record<string, JsonValue> = {};
  let found = false;
  for (const [step, below] of selection.steps) {
    const member = typeof step === 'string' ? getOwn(object, step) : undefined;
    const wanted = member === undefined ? undefined : selected(member, below);
    if (wanted === undefined) continue;
    setOwn(result, step as string, wanted);
    found = true;
  }
  return found ? result : undefined;
}

function selectedElements(elements: readonly JsonValue[], selection: Selection): readonly JsonValue[] | undefined {
  const each = selection.steps.get(EACH);
  const result = elements.flatMap((element, index) => {
    const below = [each, selection.steps.get(index)].filter((node) => node !== undefined);
    const wanted = below.map((node) => selected(element, node)).find((part) => part !== undefined);
    return wanted === undefined ? [] : [wanted];
  });
  return result.length === 0 ? undefined : result;
}
