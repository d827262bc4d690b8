import type { AttributeDefinition } from '../attribute-definition.js';
import type { ValueType } from '../check-types.js';

/**
 * `DRAFT`: not computed yet, may be changed and deleted. `PROCESSING`: published; what happened before is being filled in.
 * `PROCESSED`: complete. `FAILED`: could not be filled in, may be published again. `DISABLED`: not computed any more.
 */
export const ATTRIBUTE_STATUSES = ['DRAFT', 'PROCESSING', 'PROCESSED', 'FAILED', 'DISABLED'] as const;
export type AttributeStatus = (typeof ATTRIBUTE_STATUSES)[number];

/** What a client says about an attribute. */
export interface AttributeContent {
  readonly title?: string;
  /** As it was written, where it was written as an expression. */
  readonly expression?: string;
  readonly definition: AttributeDefinition;
}

/** An attribute as the catalog holds it. */
export interface ComputedAttribute extends AttributeContent {
  readonly name: string;
  readonly status: AttributeStatus;
  /** Of its values; known from its publishing on. */
  readonly type?: ValueType;
  /** The job that fills it in, from its publishing on. */
  readonly job?: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly publishedAt?: string;
}

/** Those of one sandbox, by name. Never changed in place. */
export type ComputedAttributes = ReadonlyMap<string, ComputedAttribute>;

/** Published ones of one sandbox, as the limit counts them. */
export const MAX_PUBLISHED = 50;

export function isPublished({ status }: Pick<ComputedAttribute, 'status'>): boolean {
  return status === 'PROCESSING' || status === 'PROCESSED';
}
