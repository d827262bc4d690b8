import type { ErrorCode, FieldError } from '#core';

/** Why a command was refused: what an answer says, as data. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/**
 * What a decider makes of a state and a command. `created`: the thing was not there before; `changed`: it was;
 * `unchanged`: it already is as the command wants it, nothing is to be appended.
 */
export type Decision<Event> =
  | { readonly outcome: 'created' | 'changed'; readonly events: readonly [Event, ...Event[]] }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

export const unchanged = { outcome: 'unchanged' } as const satisfies Decision<never>;

export function created<Event>(event: Event): Decision<Event> {
  return { outcome: 'created', events: [event] };
}

export function changed<Event>(event: Event): Decision<Event> {
  return { outcome: 'changed', events: [event] };
}

export function refused(
  code: ErrorCode,
  message: string,
  details: Pick<Refusal, 'errors' | 'extra'> = {},
): { readonly outcome: 'refused'; readonly refusal: Refusal } {
  return { outcome: 'refused', refusal: { code, message, ...details } };
}
