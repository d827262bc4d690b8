import fc from 'fast-check';

import type { JsonObject, JsonValue } from '#core';

/** Few, so that two schemas often declare the same. */
const NAMES = ['a', 'b', 'c', 'constructor', 'd.e'];
const WORDS = ['x', 'y', 'z'];

const scalar: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constantFrom<JsonObject>(
    { type: 'string' },
    { type: 'string', minLength: 2 },
    { type: 'string', format: 'date' },
    { type: 'integer' },
    { type: 'number' },
    { type: 'boolean' },
  ),
  fc.subarray(WORDS, { minLength: 1 }).map((words) => ({ type: 'string', enum: words })),
);

/** Documents that a schema may be, four levels deep at most. */
export function anySchema(depth = 3): fc.Arbitrary<JsonObject> {
  if (depth === 0) return scalar;
  const inner = anySchema(depth - 1);
  return fc.oneof(
    { weight: 2, arbitrary: scalar },
    { weight: 2, arbitrary: anyObjectSchema(depth) },
    { weight: 1, arbitrary: inner.map((items) => ({ type: 'array', items })) },
    { weight: 1, arbitrary: inner.map((additionalProperties) => ({ type: 'object', additionalProperties })) },
    { weight: 1, arbitrary: fc.constantFrom<JsonObject>({ type: 'object' }, { type: 'array' }) },
  );
}

export function anyObjectSchema(depth = 3): fc.Arbitrary<JsonObject> {
  return fc
    .dictionary(fc.constantFrom(...NAMES), anySchema(depth - 1))
    .chain((properties) =>
      fc.subarray(Object.keys(properties)).map((required) => ({ type: 'object', properties, required })),
    );
}

/** Items that a document made by `anySchema` describes. */
export function itemOf(schema: JsonObject): fc.Arbitrary<JsonValue> {
  const { type, properties, items, additionalProperties } = schema;
  if (properties !== undefined) return objectOf(schema);
  if (type === 'array')
    return fc.array(items === undefined ? fc.integer() : itemOf(items as JsonObject), { maxLength: 2 });
  if (type === 'object') {
    const value = additionalProperties === undefined ? fc.integer() : itemOf(additionalProperties as JsonObject);
    return fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 2, noNullPrototype: true });
  }
  return scalarOf(schema);
}

function objectOf({ properties, required }: JsonObject): fc.Arbitrary<JsonValue> {
  const members = Object.entries(properties as Record<string, JsonObject>).map(([name, schema]) => [
    name,
    itemOf(schema),
  ]);
  return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<JsonValue>>, {
    requiredKeys: required as string[],
    noNullPrototype: true,
  });
}

function scalarOf({ type, enum: words, format }: JsonObject): fc.Arbitrary<JsonValue> {
  if (words !== undefined) return fc.constantFrom(...(words as readonly string[]));
  if (format === 'date') return fc.constant('2012-02-29');
  if (type === 'integer') return fc.integer();
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true });
  return type === 'boolean' ? fc.boolean() : fc.string({ minLength: 2 });
}

/** The document with one change somewhere, be it an addition or not. */
export function changed(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const { properties, items, additionalProperties, enum: words } = schema;
  const here: fc.Arbitrary<JsonObject>[] = [scalar, fc.constant({ ...schema, title: 'changed' })];
  if (words !== undefined) here.push(fc.subarray(WORDS, { minLength: 1 }).map((other) => ({ ...schema, enum: other })));
  if (items !== undefined) here.push(changed(items as JsonObject).map((inner) => ({ ...schema, items: inner })));
  if (additionalProperties !== undefined) {
    here.push(changed(additionalProperties as JsonObject).map((inner) => ({ ...schema, additionalProperties: inner })));
  }
  if (properties !== undefined) here.push(changedObject(schema), changedObject(schema), changedObject(schema));
  return fc.oneof(...here);
}

function changedObject(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const properties = schema['properties'] as Record<string, JsonObject>;
  const names = Object.keys(properties);
  const changes: fc.Arbitrary<JsonObject>[] = [
    fc.subarray(names).map((required) => ({ ...schema, required })),
    fc
      .tuple(fc.constantFrom(...NAMES), anySchema(1))
      .map(([name, added]) => ({ ...schema, properties: { [name]: added, ...properties } })),
  ];
  if (names.length > 0) {
    const one = fc.constantFrom(...names);
    changes.push(
      one.chain((name) =>
        changed(properties[name] as JsonObject).map((inner) => ({
          ...schema,
          properties: { ...properties, [name]: inner },
        })),
      ),
      one.map((name) => {
        const { [name]: _removed, ...rest } = properties;
        const required = (schema['required'] as readonly string[]).filter((other) => other !== name);
        return { ...schema, properties: rest, required };
      }),
    );
  }
  return fc.oneof(...changes);
}

/** Names that no document made here has yet. */
const NEW_NAMES = ['new', 'also.new'];

/** The document with additions only, anywhere in it: none at all, one, or many. */
export function extended(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const { properties, items, additionalProperties, enum: words } = schema;
  if (properties !== undefined) return extendedObject(schema);
  if (items !== undefined) return extended(items as JsonObject).map((inner) => ({ ...schema, items: inner }));
  if (additionalProperties !== undefined) {
    return extended(additionalProperties as JsonObject).map((inner) => ({ ...schema, additionalProperties: inner }));
  }
  if (words !== undefined) {
    const { enum: _words, ...anyValue } = schema;
    const more = [...new Set([...(words as readonly string[]), 'another'])];
    return fc.constantFrom<JsonObject>(schema, anyValue, { ...schema, enum: more });
  }
  return fc.constantFrom<JsonObject>(schema, { ...schema, title: 'extended' });
}

function extendedObject(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const kept = Object.entries(schema['properties'] as Record<string, JsonObject>).map(([name, property]) => [
    name,
    extended(property),
  ]);
  return fc
    .record({
      kept: fc.record(Object.fromEntries(kept) as Record<string, fc.Arbitrary<JsonObject>>, { noNullPrototype: true }),
      added: fc.dictionary(fc.constantFrom(...NEW_NAMES), anySchema(1), { noNullPrototype: true }),
      required: fc.subarray([...(schema['required'] as readonly string[])]),
    })
    .map((parts) => ({ ...schema, properties: { ...parts.added, ...parts.kept }, required: parts.required }));
}

/** The document with one change somewhere that is certainly no addition. */
export function narrowed(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const { type, properties, items, additionalProperties, enum: words } = schema;
  const here: fc.Arbitrary<JsonObject>[] = [fc.constant({ type: type === 'boolean' ? 'string' : 'boolean' })];
  if (type === 'string' && words === undefined) here.push(fc.constant({ ...schema, enum: WORDS }));
  if (type === 'string') here.push(fc.constant({ ...schema, maxLength: 9 }));
  if (words !== undefined) {
    const fewer = (words as readonly string[]).slice(1);
    here.push(fc.constant({ ...schema, enum: fewer.length === 0 ? ['another'] : fewer }));
  }
  if (items !== undefined) here.push(narrowed(items as JsonObject).map((inner) => ({ ...schema, items: inner })));
  if (additionalProperties !== undefined) {
    here.push(
      narrowed(additionalProperties as JsonObject).map((inner) => ({ ...schema, additionalProperties: inner })),
    );
  }
  if (properties !== undefined) here.push(...narrowedObject(schema));
  return fc.oneof(...here);
}

function narrowedObject(schema: JsonObject): readonly fc.Arbitrary<JsonObject>[] {
  const properties = schema['properties'] as Record<string, JsonObject>;
  const required = schema['required'] as readonly string[];
  const names = Object.keys(properties);
  const optional = names.filter((name) => !required.includes(name));
  const withNew = { ...schema, properties: { ...properties, new: { type: 'string' } }, required: [...required, 'new'] };
  const changes: fc.Arbitrary<JsonObject>[] = [fc.constant(withNew)];
  if (optional.length > 0) {
    const more = fc.constantFrom(...optional);
    changes.push(more.map((name) => ({ ...schema, required: [...required, name] })));
  }
  if (names.length === 0) return changes;
  const one = fc.constantFrom(...names);
  const without = (name: string): JsonObject => {
    const { [name]: _removed, ...rest } = properties;
    return { ...schema, properties: rest, required: required.filter((other) => other !== name) };
  };
  const inside = one.chain((name) =>
    narrowed(properties[name] as JsonObject).map((inner) => ({
      ...schema,
      properties: { ...properties, [name]: inner },
    })),
  );
  return [...changes, one.map(without), inside, inside];
}
