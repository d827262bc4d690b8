import { expect } from '@jest/globals';

import { emptyCatalog, evolveCatalog, type CatalogEvent, type Decision, type SandboxCatalog } from '#catalog';
import type { ErrorCode, FieldError } from '#core';

export const SANDBOX = 'aaaaaaaa';

/** Epoch milliseconds of every event of a spec: 2010-12-01T08:26:00Z. */
export const AT = 1_291_191_960_000;

/** `given(events).when(command).then(events)`, and the two other ways in which a decision can end. */
export function given(...events: readonly CatalogEvent[]) {
  const catalog = events.reduce((state, event) => evolveCatalog(state, { event, at: AT }), emptyCatalog(SANDBOX));
  return {
    catalog,
    when: (decide: (catalog: SandboxCatalog) => Decision<CatalogEvent>) => outcomeOf(decide(catalog)),
  };
}

function outcomeOf(decision: Decision<CatalogEvent>) {
  return {
    decision,
    thenCreated: (...events: readonly CatalogEvent[]) => expect(decision).toEqual({ outcome: 'created', events }),
    thenChanged: (...events: readonly CatalogEvent[]) => expect(decision).toEqual({ outcome: 'changed', events }),
    thenUnchanged: () => expect(decision).toEqual({ outcome: 'unchanged' }),
    /** `errors`: paths, or parts of whole errors. */
    thenRefused: (code: ErrorCode, errors: readonly (string | Partial<FieldError>)[] = []) => {
      expect(decision).toMatchObject({ outcome: 'refused', refusal: { code } });
      const actual = decision.outcome === 'refused' ? (decision.refusal.errors ?? []) : [];
      const wanted = errors.map((error) =>
        expect.objectContaining(typeof error === 'string' ? { path: error } : error),
      );
      expect(actual).toEqual(wanted);
    },
  };
}
