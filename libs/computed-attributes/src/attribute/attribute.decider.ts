import { changed, created, refused, unchanged, unionOf, type Decision, type SandboxCatalog } from '#catalog';
import { canonicalJson, type FieldError, type JsonValue } from '#core';

import { checkTypes, type TypeReading } from '../check-types.js';
import type { AttributeDefinition } from '../attribute-definition.js';
import { readContent } from './attribute-content.js';
import {
  COMPUTED_ATTRIBUTE_DEFINED,
  COMPUTED_ATTRIBUTE_DELETED,
  COMPUTED_ATTRIBUTE_DISABLED,
  COMPUTED_ATTRIBUTE_FAILED,
  COMPUTED_ATTRIBUTE_FILLED_IN,
  COMPUTED_ATTRIBUTE_PUBLISHED,
  type ComputedAttributeDefined,
  type ComputedAttributeDeleted,
  type ComputedAttributeDisabled,
  type ComputedAttributeFailed,
  type ComputedAttributeFilledIn,
  type ComputedAttributePublished,
} from './attribute.events.js';
import { isPublished, MAX_PUBLISHED, type AttributeContent, type ComputedAttributes } from './computed-attribute.js';

/** What decisions on attributes rest on: the catalog of their sandbox, at one revision with them. */
export interface AttributeCatalog {
  readonly catalog: SandboxCatalog;
  readonly attributes: ComputedAttributes;
}

const NAME = /^[A-Za-z0-9]{1,64}$/;

/** `body`: as the client sent it. */
export function defineAttribute(
  { catalog, attributes }: AttributeCatalog,
  { name, body }: { readonly name: string; readonly body: JsonValue },
): Decision<ComputedAttributeDefined> {
  if (!NAME.test(name)) {
    const errors = [{ path: 'name', message: 'must be 1 to 64 letters and digits' }];
    return refused('INVALID_REQUEST', 'The name must be 1 to 64 letters and digits.', { errors });
  }
  const reading = readContent(body);
  if ('refusal' in reading) return { outcome: 'refused', refusal: reading.refusal };
  const { content } = reading;
  const event = { type: COMPUTED_ATTRIBUTE_DEFINED, data: { name, ...content } } as const;
  const existing = attributes.get(name);
  if (existing === undefined) return isTaken(catalog, name) ? refuseTaken(name) : created(event);
  if (isSame(existing, content)) return existing.title === content.title ? unchanged : changed(event);
  if (existing.status === 'DRAFT') return changed(event);
  const message = `The attribute ${name} was published: only a draft changes what it is.`;
  return refused('ATTRIBUTE_DIFFERS', message, { extra: { status: existing.status } });
}

/** `job`: the one that is to fill it in. Of two at once the second changes nothing. */
export function publishAttribute(
  { catalog, attributes }: AttributeCatalog,
  { name, job }: { readonly name: string; readonly job: string },
): Decision<ComputedAttributePublished> {
  const attribute = attributes.get(name);
  if (attribute === undefined) return refuseUnknown(name);
  if (isPublished(attribute)) return unchanged;
  if (attribute.status === 'DISABLED')
    return refused('ATTRIBUTE_DISABLED', `The attribute ${name} is disabled for good.`);
  if (isTaken(catalog, name)) return refuseTaken(name);
  if ([...attributes.values()].filter(isPublished).length >= MAX_PUBLISHED) {
    return refused('TOO_MANY_ATTRIBUTES', `${MAX_PUBLISHED} attributes are published in this sandbox.`);
  }
  const { definition } = attribute;
  const reading = typeOfAttribute(catalog, definition);
  if ('errors' in reading) {
    return refused('ATTRIBUTE_INVALID', `The attribute ${name} does not fit the events of this sandbox.`, reading);
  }
  return changed({ type: COMPUTED_ATTRIBUTE_PUBLISHED, data: { name, definition, valueType: reading.type, job } });
}

/** Whether the attribute can be computed in this sandbox, and what its values are. */
export function typeOfAttribute(catalog: SandboxCatalog, definition: AttributeDefinition): TypeReading {
  const unknown = (definition.datasets ?? []).flatMap((id, index): FieldError[] =>
    catalog.datasets.has(id) ? [] : [{ path: `datasets[${index}]`, message: `there is no dataset ${id}` }],
  );
  const reading = checkTypes(definition, unionOf(catalog, 'experienceevent'));
  const [first, ...more] = [...unknown, ...('errors' in reading ? reading.errors : [])];
  return first === undefined ? reading : { errors: [first, ...more] };
}

/** It is not computed any more, also when it is not complete yet. */
export function disableAttribute(
  { attributes }: Pick<AttributeCatalog, 'attributes'>,
  { name }: { readonly name: string },
): Decision<ComputedAttributeDisabled> {
  const attribute = attributes.get(name);
  if (attribute === undefined) return refuseUnknown(name);
  if (attribute.status === 'DISABLED') return unchanged;
  if (attribute.status === 'DRAFT') {
    return refused('ATTRIBUTE_IS_DRAFT', `The attribute ${name} was not published: it can be deleted.`);
  }
  return changed({ type: COMPUTED_ATTRIBUTE_DISABLED, data: { name } });
}

export function deleteAttribute(
  { attributes }: Pick<AttributeCatalog, 'attributes'>,
  { name }: { readonly name: string },
): Decision<ComputedAttributeDeleted> {
  const attribute = attributes.get(name);
  if (attribute === undefined) return refuseUnknown(name);
  if (attribute.status === 'DRAFT') return changed({ type: COMPUTED_ATTRIBUTE_DELETED, data: { name } });
  const message = `The attribute ${name} was published: only a draft is deleted.`;
  return refused('ATTRIBUTE_DIFFERS', message, { extra: { status: attribute.status } });
}

/** How the job that fills it in has ended. Whoever comes late, or for another publishing, changes nothing. */
export function endFilling(
  { attributes }: Pick<AttributeCatalog, 'attributes'>,
  { name, job, end }: { readonly name: string; readonly job: string; readonly end: 'filled in' | 'failed' },
): Decision<ComputedAttributeFilledIn | ComputedAttributeFailed> {
  const attribute = attributes.get(name);
  if (attribute?.status !== 'PROCESSING' || attribute.job !== job) return unchanged;
  const type = end === 'failed' ? COMPUTED_ATTRIBUTE_FAILED : COMPUTED_ATTRIBUTE_FILLED_IN;
  return changed({ type, data: { name } });
}

/** Profiles show attributes beside what their schemas declare. */
function isTaken(catalog: SandboxCatalog, name: string): boolean {
  return unionOf(catalog, 'profile').paths.some(({ path }) => path === `computedAttributes.${name}`);
}

function refuseTaken(name: string) {
  return refused('ATTRIBUTE_NAME_TAKEN', `A schema of profiles declares computedAttributes.${name}.`);
}

function isSame(one: AttributeContent, other: AttributeContent): boolean {
  const essence = ({ expression, definition }: AttributeContent) =>
    canonicalJson({ ...(expression !== undefined && { expression }), definition: definition as unknown as JsonValue });
  return essence(one) === essence(other);
}

function refuseUnknown(name: string) {
  return refused('ATTRIBUTE_NOT_FOUND', `There is no computed attribute ${JSON.stringify(name)}.`);
}
