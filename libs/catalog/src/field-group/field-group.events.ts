import { toRfc3339 } from '#core';

import type { FieldGroup, FieldGroupDefinition } from './field-group.js';

export const FIELD_GROUP_DEFINED = 'FieldGroupDefined';
export const FIELD_GROUP_EXTENDED = 'FieldGroupExtended';
export const FIELD_GROUP_DELETED = 'FieldGroupDeleted';

/** A whole version, so that no reader has to apply differences. */
export interface FieldGroupVersion extends FieldGroupDefinition {
  readonly id: string;
  readonly version: number;
}

/** New, or replaced while no schema used it. */
export interface FieldGroupDefined {
  readonly type: typeof FIELD_GROUP_DEFINED;
  readonly data: FieldGroupVersion;
}

/** Everything that was valid before still is, in every schema that uses it. */
export interface FieldGroupExtended {
  readonly type: typeof FIELD_GROUP_EXTENDED;
  readonly data: FieldGroupVersion;
}

/** No schema used it. */
export interface FieldGroupDeleted {
  readonly type: typeof FIELD_GROUP_DELETED;
  readonly data: { readonly id: string };
}

export type FieldGroupEvent = FieldGroupDefined | FieldGroupExtended | FieldGroupDeleted;

/** `undefined` once it is deleted. `at`: epoch milliseconds. */
export function evolveFieldGroup(
  group: FieldGroup | undefined,
  event: FieldGroupEvent,
  at: number,
): FieldGroup | undefined {
  const updatedAt = toRfc3339(at);
  switch (event.type) {
    case FIELD_GROUP_DEFINED:
    case FIELD_GROUP_EXTENDED:
      return { ...event.data, createdAt: group?.createdAt ?? updatedAt, updatedAt };
    case FIELD_GROUP_DELETED:
      return undefined;
  }
}
