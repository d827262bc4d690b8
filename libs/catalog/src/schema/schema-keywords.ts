import { isJsonObject, type JsonObject, type JsonValue, type PathStep } from '#core';

/**
 * What of JSON Schema 2020-12 a schema may use, by the part that a keyword plays.
 *
 * A path of a schema has one type, whatever the item: unions, lineage and upserts rest on it. So what an object holds
 * is declared by `properties` (also through `allOf` and `$ref`), and the branches of `anyOf`, `if` and the like can
 * only demand something of what is declared. Keywords that would let a key decide on its own type (`patternProperties`,
 * `prefixItems`) and those that reach outside the document are not taken.
 */
export const KEYWORD_ROLES = {
  /** Say something to people. */
  annotation: ['title', 'description', '$comment', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  /** At the root of the document only. */
  root: ['$schema', '$id', '$defs'],
  /** Declare what is there. */
  structure: [
    'type',
    'properties',
    'required',
    'additionalProperties',
    'items',
    'enum',
    'uniqueItems',
    'allOf',
    '$ref',
  ],
  /** Demand something of it. */
  assertion: [
    'const',
    'minLength',
    'maxLength',
    'pattern',
    'format',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
    'dependentRequired',
    'minContains',
    'maxContains',
  ],
  /** Demand something by further schemas. */
  branch: ['anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'contains', 'dependentSchemas'],
} as const;

export type KeywordRole = keyof typeof KEYWORD_ROLES;

const ROLES: ReadonlyMap<string, KeywordRole> = new Map(
  Object.entries(KEYWORD_ROLES).flatMap(([role, keywords]) =>
    keywords.map((keyword) => [keyword, role as KeywordRole] as const),
  ),
);

/** `undefined` for keywords that are not taken. */
export function roleOf(keyword: string): KeywordRole | undefined {
  return ROLES.get(keyword);
}

/** The members of a schema whose keywords play one of these parts. */
export function membersOfRole(schema: JsonObject, ...roles: readonly KeywordRole[]): JsonObject {
  const members = Object.entries(schema).filter(([keyword]) => {
    const role = roleOf(keyword);
    return role !== undefined && roles.includes(role);
  });
  return Object.fromEntries(members);
}

export const SUBSCHEMA = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains']);
export const SUBSCHEMA_LIST = new Set(['allOf', 'anyOf', 'oneOf']);
export const SUBSCHEMA_MAP = new Set(['properties', 'dependentSchemas', '$defs']);

/** The schemas directly inside a schema, with the way to each. What is not an object is left out. */
export function subschemas(
  schema: JsonObject,
): readonly { readonly steps: readonly PathStep[]; readonly schema: JsonObject }[] {
  return Object.entries(schema).flatMap(([keyword, value]) =>
    candidates(keyword, value).flatMap(([steps, inner]) => (isJsonObject(inner) ? [{ steps, schema: inner }] : [])),
  );
}

function candidates(keyword: string, value: JsonValue): readonly (readonly [readonly PathStep[], JsonValue])[] {
  if (SUBSCHEMA.has(keyword)) return [[[keyword], value]];
  if (SUBSCHEMA_LIST.has(keyword) && Array.isArray(value)) {
    return value.map((inner: JsonValue, index) => [[keyword, index], inner]);
  }
  if (SUBSCHEMA_MAP.has(keyword) && isJsonObject(value)) {
    return Object.entries(value).map(([key, inner]) => [[keyword, key], inner]);
  }
  return [];
}
