import { parsePath, type DataPath, type JsonObject, type JsonValue } from '#core';

import type { AttributeDefinition, Window } from './attribute-definition.js';
import { compileCondition, type Predicate } from './conditions/compile-condition.js';
import { pathReader } from './conditions/path-reader.js';
import { algebraOf } from './partials/algebra.js';
import type { Algebra, Partial, Place } from './partials/partial.js';
import { levelOf, type Level } from './slots.js';

/** An attribute, ready to be put to events. */
export interface CompiledAttribute {
  readonly level: Level;
  readonly window: Window | undefined;
  readonly algebra: Algebra;
  /** Whether events of this dataset may count. */
  readonly takes: (dataset: string) => boolean;
  /** What one event of such a dataset comes to; `undefined` when it does not count. */
  readonly partialOf: (event: JsonObject, place: Place) => Partial | undefined;
}

/** Of a definition that was checked. Costs far more than the events that are put to it: to be kept. */
export function compileAttribute(definition: AttributeDefinition): CompiledAttribute {
  const { datasets, window, where } = definition;
  const algebra = algebraOf(definition);
  const wanted = datasets === undefined ? undefined : new Set(datasets);
  const counts = where === undefined ? undefined : compileCondition(where);
  const valuesOf = compileValues(definition);
  return {
    level: levelOf(window),
    window,
    algebra,
    takes: (dataset) => wanted === undefined || wanted.has(dataset),
    partialOf: (event, place) =>
      counts === undefined || counts(event) ? algebra.unit(valuesOf(event), place) : undefined,
  };
}

/** An event without path counts as one. */
const ONE: readonly JsonValue[] = [true];

function compileValues({ path, elements }: AttributeDefinition): (event: JsonObject) => readonly JsonValue[] {
  if (elements === undefined) {
    if (path === undefined) return () => ONE;
    const { each } = pathReader(dataPath(path));
    return (event) => collected((visit) => each(event, visit));
  }
  const array = dataPath(elements.path);
  const holds: Predicate = compileCondition(elements.where);
  const outer = pathReader(array);
  const inner = pathReader(path === undefined ? [] : dataPath(path).slice(array.length));
  return (event) =>
    collected((visit) =>
      outer.each(event, (element) => {
        if (holds(element)) inner.each(element, visit);
      }),
    );
}

function collected(visitAll: (visit: (value: JsonValue) => void) => void): readonly JsonValue[] {
  const values: JsonValue[] = [];
  visitAll((value) => values.push(value));
  return values;
}

function dataPath(text: string): DataPath {
  const path = parsePath(text);
  if (path === undefined) throw new TypeError(`${text} is not a path`);
  return path;
}
