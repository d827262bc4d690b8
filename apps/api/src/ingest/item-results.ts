import type { ItemPlace } from '#batch';
import type { ErrorCode, FieldError } from '#core';

/** What became of one item. */
export interface ItemResult extends ItemPlace {
  readonly status: 'accepted' | 'rejected' | 'duplicate';
  /** Why it was refused, how it is a duplicate, or what it is warned of. */
  readonly code?: ErrorCode | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  /** The fragment's: after the item where it was accepted, the actual one after `REVISION_MISMATCH`. */
  readonly revision?: number | undefined;
}

/** Whether results list only what a client must look at, or every item. */
export type ResultsWanted = 'notable' | 'all';

export interface ItemCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
}

/** As the contract has it, for answers that list only what is notable. */
const MAX_NOTABLE = 1_000;
/** Some 300,000 results: the answer to `results=all` is kept until the end, since its status depends on every item. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** A client's own keys and values come back in errors; an answer must not grow with them. */
const MAX_TEXT = 300;
const MAX_ERRORS = 5;

/** Gathers the results of a request, in item order, as JSON text of bounded size. */
export class ItemResults {
  readonly #texts: string[] = [];
  #characters = 0;
  #truncated = false;
  #counts = { accepted: 0, rejected: 0, duplicates: 0 };
  readonly #refusals = new Map<ErrorCode, number>();

  constructor(private readonly wanted: ResultsWanted) {}

  get counts(): ItemCounts {
    return this.#counts;
  }

  /** Refused items by code. */
  get refusals(): readonly { readonly code: ErrorCode; readonly count: number }[] {
    return [...this.#refusals].map(([code, count]) => ({ code, count }));
  }

  add(result: ItemResult): void {
    this.#counts[result.status === 'duplicate' ? 'duplicates' : result.status] += 1;
    if (result.status === 'rejected') this.#countRefusal(result.code ?? 'INTERNAL');
    if (this.wanted === 'notable' && result.code === undefined) return;
    if (this.#truncated) return;
    const text = JSON.stringify(clipped(result));
    this.#characters += text.length;
    this.#truncated =
      this.#characters > MAX_CHARACTERS || (this.wanted === 'notable' && this.#texts.length >= MAX_NOTABLE);
    if (!this.#truncated) this.#texts.push(text);
  }

  #countRefusal(code: ErrorCode): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  /** The body of the answer. */
  toJson(): string {
    const counts = JSON.stringify(this.#counts).slice(0, -1);
    return `${counts},"results":[${this.#texts.join(',')}]${this.#truncated ? ',"truncated":true' : ''}}`;
  }
}

function clipped(result: ItemResult): ItemResult {
  if (result.errors === undefined) return result;
  const errors = result.errors.slice(0, MAX_ERRORS).map((error) => ({
    ...error,
    path: clip(error.path),
    message: clip(error.message),
  }));
  return { ...result, errors };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`;
}
