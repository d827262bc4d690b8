import type { TesseraError } from '#core';

/** The newest position that this thread has heard of, and those who wait for a newer one. */
export class LogHead {
  #number = 0;
  #end: { readonly error: TesseraError | undefined } | undefined;
  readonly #waiting = new Set<() => void>();
  #lose: (error: TesseraError) => void = () => undefined;
  /** Resolves when the writer was lost. */
  readonly lost = new Promise<TesseraError>((resolve) => (this.#lose = resolve));

  get number(): number {
    return this.#number;
  }

  /** True when no newer position will come and readers are to finish; throws when the writer was lost. */
  ended(): boolean {
    if (this.#end?.error !== undefined) throw this.#end.error;
    return this.#end !== undefined;
  }

  advance(number: number): void {
    if (number <= this.#number) return;
    this.#number = number;
    this.#wake();
  }

  /** With an error when the writer was lost, without one when this log was closed. The first call decides. */
  end(error?: TesseraError): void {
    if (this.#end === undefined && error !== undefined) this.#lose(error);
    this.#end ??= { error };
    this.#wake();
  }

  /** Resolves when the head is behind `number` no longer, or the log ends, or the signal aborts. */
  async beyond(number: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.#number <= number && this.#end === undefined && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
