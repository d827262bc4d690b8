import { isJsonObject, type SandboxId } from '#core';

/** In the stream of a job: the profiles of a key range are to be folded again, by the rules that now stand. */
export const PROFILES_REEVALUATED = 'ProfilesReevaluated';

export interface ProfilesReevaluated {
  readonly sandbox: SandboxId;
  /** The first hexadecimal digits of the keys, an even number of them; none: all profiles. */
  readonly keyPrefix: string;
}

/** Throws a `TypeError` that says what is wrong. */
export function decodeReevaluation(data: string): ProfilesReevaluated {
  const parsed = JSON.parse(data) as unknown;
  const { sandbox, keyPrefix } = isJsonObject(parsed) ? parsed : {};
  if (typeof sandbox !== 'string' || typeof keyPrefix !== 'string') {
    throw new TypeError('the data of a re-evaluation does not name a range');
  }
  return { sandbox, keyPrefix };
}
