import { lengthPrefixed } from '#core';

/** Some 50 MB while the request lasts. */
const MAX_ITEMS = 500_000;

/**
 * The ids of items without an id of their own, under one `Idempotency-Key`: key, content, and which occurrence of that
 * content in the request it is. So the same request sent again gets the same ids, and a corrected part of it gets new
 * ones only where it was corrected.
 */
export class IdempotencyScope {
  readonly #occurrences = new Map<string, number>();

  constructor(private readonly key: string) {}

  /** Call once per item, in request order. `undefined` when the request has more different items than can be told apart. */
  nextId(contentHash: string): string | undefined {
    const occurrence = (this.#occurrences.get(contentHash) ?? 0) + 1;
    if (occurrence === 1 && this.#occurrences.size >= MAX_ITEMS) return undefined;
    this.#occurrences.set(contentHash, occurrence);
    return lengthPrefixed(['Idempotency-Key', this.key, contentHash, String(occurrence)]);
  }
}
