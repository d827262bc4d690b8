import { toRfc3339 } from '#core';

import type { AttributeDefinition } from '../attribute-definition.js';
import type { ValueType } from '../check-types.js';
import type { AttributeContent, ComputedAttribute, ComputedAttributes } from './computed-attribute.js';

export const COMPUTED_ATTRIBUTE_DEFINED = 'ComputedAttributeDefined';
export const COMPUTED_ATTRIBUTE_PUBLISHED = 'ComputedAttributePublished';
export const COMPUTED_ATTRIBUTE_FILLED_IN = 'ComputedAttributeFilledIn';
export const COMPUTED_ATTRIBUTE_FAILED = 'ComputedAttributeFailed';
export const COMPUTED_ATTRIBUTE_DISABLED = 'ComputedAttributeDisabled';
export const COMPUTED_ATTRIBUTE_DELETED = 'ComputedAttributeDeleted';

/** A draft, new or changed; of one that was published only the title differs. */
export interface ComputedAttributeDefined {
  readonly type: typeof COMPUTED_ATTRIBUTE_DEFINED;
  readonly data: AttributeContent & { readonly name: string };
}

/** From here on events that come in are counted. Says all that a fold needs. */
export interface ComputedAttributePublished {
  readonly type: typeof COMPUTED_ATTRIBUTE_PUBLISHED;
  readonly data: {
    readonly name: string;
    readonly definition: AttributeDefinition;
    readonly valueType: ValueType;
    /** Fills in what happened before. */
    readonly job: string;
  };
}

/** Everything that had come in before it was published is counted. */
export interface ComputedAttributeFilledIn {
  readonly type: typeof COMPUTED_ATTRIBUTE_FILLED_IN;
  readonly data: { readonly name: string };
}

export interface ComputedAttributeFailed {
  readonly type: typeof COMPUTED_ATTRIBUTE_FAILED;
  readonly data: { readonly name: string };
}

export interface ComputedAttributeDisabled {
  readonly type: typeof COMPUTED_ATTRIBUTE_DISABLED;
  readonly data: { readonly name: string };
}

export interface ComputedAttributeDeleted {
  readonly type: typeof COMPUTED_ATTRIBUTE_DELETED;
  readonly data: { readonly name: string };
}

/** Of the stream `catalog-<sandbox>`. All are at version 1. */
export type AttributeEvent =
  | ComputedAttributeDefined
  | ComputedAttributePublished
  | ComputedAttributeFilledIn
  | ComputedAttributeFailed
  | ComputedAttributeDisabled
  | ComputedAttributeDeleted;

/** A type that is not listed here does not compile. */
const TYPES: Readonly<Record<AttributeEvent['type'], true>> = {
  ComputedAttributeDefined: true,
  ComputedAttributePublished: true,
  ComputedAttributeFilledIn: true,
  ComputedAttributeFailed: true,
  ComputedAttributeDisabled: true,
  ComputedAttributeDeleted: true,
};

/** `undefined` for types that are not ours. */
export function decodeAttributeEvent(type: string, data: string): AttributeEvent | undefined {
  return Object.hasOwn(TYPES, type) ? ({ type, data: JSON.parse(data) as unknown } as AttributeEvent) : undefined;
}

/** `at`: epoch milliseconds. */
export function evolveAttributes(
  attributes: ComputedAttributes,
  { event, at }: { readonly event: AttributeEvent; readonly at: number },
): ComputedAttributes {
  const { name } = event.data;
  const after = evolveAttribute(attributes.get(name), event, toRfc3339(at));
  const all = new Map(attributes);
  if (after === undefined) all.delete(name);
  else all.set(name, after);
  return all;
}

/** `undefined` once it is deleted. */
function evolveAttribute(
  attribute: ComputedAttribute | undefined,
  event: AttributeEvent,
  at: string,
): ComputedAttribute | undefined {
  if (event.type === COMPUTED_ATTRIBUTE_DEFINED) {
    const { name: _name, ...content } = event.data;
    if (attribute === undefined) return { ...event.data, status: 'DRAFT', createdAt: at, updatedAt: at };
    const { title: _title, expression: _expression, definition: _definition, ...rest } = attribute;
    return { ...rest, ...content, updatedAt: at };
  }
  if (attribute === undefined) return undefined;
  switch (event.type) {
    case COMPUTED_ATTRIBUTE_PUBLISHED: {
      const { valueType: type, job } = event.data;
      return { ...attribute, status: 'PROCESSING', type, job, publishedAt: at, updatedAt: at };
    }
    case COMPUTED_ATTRIBUTE_FILLED_IN:
      return { ...attribute, status: 'PROCESSED', updatedAt: at };
    case COMPUTED_ATTRIBUTE_FAILED:
      return { ...attribute, status: 'FAILED', updatedAt: at };
    case COMPUTED_ATTRIBUTE_DISABLED:
      return { ...attribute, status: 'DISABLED', updatedAt: at };
    case COMPUTED_ATTRIBUTE_DELETED:
      return undefined;
  }
}
