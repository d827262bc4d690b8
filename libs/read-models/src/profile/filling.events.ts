import { isJsonObject, type SandboxId } from '#core';

/** In the stream of a job: an attribute is to be computed from the events of a range of owners that are there already. */
export const COMPUTED_ATTRIBUTE_RANGE_FILLED = 'ComputedAttributeRangeFilled';

export interface FilledRange {
  readonly sandbox: SandboxId;
  /** Name of the attribute. */
  readonly attribute: string;
  /** The one in whose stream this is: of a publishing that was followed by another nothing is filled in any more. */
  readonly job: string;
  /** The first hexadecimal digits of the owners' refs, an even number of them; none: everybody. */
  readonly keyPrefix: string;
}

/** Throws a `TypeError` that says what is wrong. */
export function decodeFilledRange(data: string): FilledRange {
  const parsed = JSON.parse(data) as unknown;
  const { sandbox, attribute, job, keyPrefix } = isJsonObject(parsed) ? parsed : {};
  if (
    typeof sandbox !== 'string' ||
    typeof attribute !== 'string' ||
    typeof job !== 'string' ||
    typeof keyPrefix !== 'string'
  ) {
    throw new TypeError('the data of a filled range does not name an attribute and a range');
  }
  return { sandbox, attribute, job, keyPrefix };
}
