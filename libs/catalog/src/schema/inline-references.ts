import {
  formatPath,
  getOwn,
  isJsonObject,
  type DataPath,
  type FieldError,
  type JsonObject,
  type JsonValue,
} from '#core';

import { membersOfRole, SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP } from './schema-keywords.js';
import { MAX_SUBSCHEMA_DEPTH, MAX_SUBSCHEMAS } from './schema-limits.js';

/** A document with every `$ref` written out and every annotation left out. */
export interface InlinedSchema {
  readonly schema: JsonObject;
  /** How many schemas stand in it. */
  readonly size: number;
  /** Where a schema in it stands in the document; `undefined` for one that is not in it. */
  readonly placeOf: (schema: JsonObject) => DataPath | undefined;
}

/**
 * Expects a document without `dialectErrors`. Refused are references to nothing, schemas that contain themselves (they
 * would have paths without end) and documents that grow beyond bounds by reference on reference. `root`: where the
 * document stands in what the client sent.
 */
export function inlineReferences(
  document: JsonObject,
  root: DataPath = ['schema'],
): InlinedSchema | { readonly error: FieldError } {
  const definitions = document['$defs'];
  const inlining = new Inlining(isJsonObject(definitions) ? definitions : {}, root);
  try {
    const schema = inlining.schema(document, { at: root, depth: 1, within: [] });
    return { schema, size: inlining.count, placeOf: (part) => inlining.places.get(part) };
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    return { error: { path: formatPath(error.at), keyword: '$ref', message: error.message } };
  }
}

class Unresolvable extends Error {
  constructor(
    readonly at: DataPath,
    message: string,
  ) {
    super(message);
  }
}

interface Place {
  readonly at: DataPath;
  readonly depth: number;
  /** The definitions that are being written out around this place. */
  readonly within: readonly string[];
}

const below = ({ at, depth, within }: Place, ...steps: DataPath): Place => ({
  at: [...at, ...steps],
  depth: depth + 1,
  within,
});

class Inlining {
  readonly places = new WeakMap<JsonObject, DataPath>();
  count = 0;

  constructor(
    private readonly definitions: JsonObject,
    private readonly root: DataPath,
  ) {}

  schema(source: JsonObject, place: Place): JsonObject {
    this.count += 1;
    if (this.count > MAX_SUBSCHEMAS || place.depth > MAX_SUBSCHEMA_DEPTH) {
      const limits = `more than ${MAX_SUBSCHEMAS} schemas, or more than ${MAX_SUBSCHEMA_DEPTH} within one another`;
      throw new Unresolvable(place.at, `makes ${limits}, once references are written out`);
    }
    const { $ref, ...own } = membersOfRole(source, 'structure', 'assertion', 'branch');
    const members = Object.entries(own).map(([keyword, value]) => [keyword, this.#member(keyword, value, place)]);
    const written = Object.fromEntries(members) as JsonObject;
    const result = $ref === undefined ? written : this.#withTarget($ref as string, written, place);
    if (!this.places.has(result)) this.places.set(result, place.at);
    return result;
  }

  #member(keyword: string, value: JsonValue, place: Place): JsonValue {
    if (SUBSCHEMA.has(keyword)) return isJsonObject(value) ? this.schema(value, below(place, keyword)) : value;
    if (SUBSCHEMA_LIST.has(keyword)) {
      return (value as readonly JsonObject[]).map((inner, index) => this.schema(inner, below(place, keyword, index)));
    }
    if (!SUBSCHEMA_MAP.has(keyword)) return value;
    const map = Object.entries(value as Readonly<Record<string, JsonObject>>);
    return Object.fromEntries(map.map(([key, inner]) => [key, this.schema(inner, below(place, keyword, key))]));
  }

  /** What stands beside a `$ref` applies as well. */
  #withTarget(reference: string, own: JsonObject, { at, depth, within }: Place): JsonObject {
    const name = definitionName(reference);
    const definition = getOwn(this.definitions, name);
    if (!isJsonObject(definition)) throw new Unresolvable([...at, '$ref'], 'refers to nothing');
    if (within.includes(name)) {
      throw new Unresolvable([...at, '$ref'], 'makes the schema contain itself, and so have paths without end');
    }
    const place = { at: [...this.root, '$defs', name], depth: depth + 1, within: [...within, name] };
    const target = this.schema(definition, place);
    if (Object.keys(own).length === 0) return target;
    const { allOf = [], ...rest } = own;
    return { ...rest, allOf: [target, ...(allOf as readonly JsonObject[])] };
  }
}

/** A reference is a URI fragment (percent-encoded) with a JSON pointer in it. */
function definitionName(reference: string): string {
  const pointer = reference.slice('#/$defs/'.length);
  return decoded(pointer).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
