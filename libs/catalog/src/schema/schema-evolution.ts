import { canonicalJson, EACH, formatPath, type DataPath, type FieldError, type JsonObject } from '#core';

import { shapeOf } from './schema-shape.js';
import type { Schema, SchemaContent, SchemaDefinition } from './schema.js';
import type { Shape } from './shape.js';

/**
 * What in a new version of a schema is not an addition, at dotted paths of items. An addition lets everything pass that
 * passed before: further optional properties of declared objects, further allowed values, less that is required.
 * Titles and other annotations are free.
 */
export function incompatibilities(before: Schema, after: SchemaDefinition & SchemaContent): readonly FieldError[] {
  if (before.class !== after.class) return [{ path: 'class', message: `is ${before.class}` }];
  return [...shapeDifferences(shapeOf(before), shapeOf(after)), ...identityDifferences(before, after)];
}

/** What in a shape does not let everything pass that passed before. */
export function shapeDifferences(before: Shape, after: Shape, path: DataPath = []): readonly FieldError[] {
  const at = formatPath(path);
  if (before.type !== after.type)
    return [{ path: at, keyword: 'type', message: `was ${before.type}, cannot become ${after.type}` }];
  return [
    ...requiredDifferences(before, after, path),
    ...allowedDifferences(before, after, at),
    ...demandDifferences(before, after, at),
    ...memberDifferences(before, after, path),
  ];
}

function requiredDifferences(before: Shape, after: Shape, path: DataPath): readonly FieldError[] {
  return [...after.required]
    .filter((name) => !before.required.has(name))
    .map((name) => {
      const what = before.properties.has(name)
        ? 'was optional, cannot become required'
        : 'is new, and so cannot be required';
      return { path: formatPath([...path, name]), keyword: 'required', message: what };
    });
}

function allowedDifferences(before: Shape, after: Shape, path: string): readonly FieldError[] {
  if (after.allowed === undefined) return [];
  if (before.allowed === undefined)
    return [{ path, keyword: 'enum', message: 'allowed every value, cannot become a list' }];
  const { allowed } = after;
  return before.allowed
    .filter((value) => !allowed.includes(value))
    .map((value) => ({
      path,
      keyword: 'enum',
      message: `allowed ${JSON.stringify(value)}, which it must go on to do`,
    }));
}

/** Whether one demand is weaker than another cannot be told in general, so they stay as they are. */
function demandDifferences(before: Shape, after: Shape, path: string): readonly FieldError[] {
  const same =
    before.unique === after.unique &&
    canonicalJson(before.demands.map(canonicalJson).sort()) === canonicalJson(after.demands.map(canonicalJson).sort());
  return same
    ? []
    : [{ path, keyword: changedKeyword(before, after), message: 'the conditions on a value cannot change' }];
}

function changedKeyword(before: Shape, after: Shape): string {
  const keywords = [...before.demands, ...after.demands].flatMap((demand) => Object.keys(demand));
  const textOf = (shape: Shape, keyword: string): string =>
    canonicalJson(shape.demands.flatMap((demand: JsonObject) => (keyword in demand ? [demand[keyword] ?? null] : [])));
  return keywords.find((keyword) => textOf(before, keyword) !== textOf(after, keyword)) ?? 'uniqueItems';
}

function memberDifferences(before: Shape, after: Shape, path: DataPath): readonly FieldError[] {
  const ofProperties = [...before.properties].flatMap(([name, property]) => {
    const other = after.properties.get(name);
    const inner = [...path, name];
    return other === undefined ? [removed(inner)] : shapeDifferences(property, other, inner);
  });
  return [...ofProperties, ...eachDifferences(before.each, after.each, [...path, EACH])];
}

function eachDifferences(before: Shape | undefined, after: Shape | undefined, path: DataPath): readonly FieldError[] {
  if (before !== undefined && after !== undefined) return shapeDifferences(before, after, path);
  if (before === after) return [];
  const message =
    before === undefined ? 'could be anything, cannot become one type' : 'was declared, cannot become anything';
  return [{ path: formatPath(path), keyword: 'type', message }];
}

function removed(path: DataPath): FieldError {
  return { path: formatPath(path), keyword: 'properties', message: 'was declared, cannot be removed' };
}

/** Further secondary identities are additions. Whose an item is must not change once items show. */
function identityDifferences(before: Schema, after: SchemaDefinition): readonly FieldError[] {
  const kept = before.identities.flatMap((descriptor): readonly FieldError[] => {
    const same = after.identities.some((other) => canonicalJson({ ...other }) === canonicalJson({ ...descriptor }));
    if (same) return [];
    const what = `${descriptor.path} was ${descriptor.primary ? 'the primary' : 'an'} identity of ${descriptor.namespace}`;
    return [{ path: 'identities', message: `${what}, and must stay so` }];
  });
  const primary = (schema: SchemaDefinition): boolean => schema.identities.some((descriptor) => descriptor.primary);
  const gained = before.enabled && !primary(before) && primary(after);
  return [
    ...kept,
    ...(gained
      ? [{ path: 'identities', message: 'an enabled schema cannot get a primary identity: items would change owner' }]
      : []),
    ...(before.identityMap && !after.identityMap
      ? [{ path: 'identityMap', message: 'was true, and must stay so' }]
      : []),
  ];
}
