/** Milliseconds after which nobody waits for a look any more that others have begun. */
const PATIENCE = 500;

/**
 * Looks something up for many who ask. Whoever asks gets what was looked up after the question; those who ask while a look
 * is under way share the next one.
 */
export class SharedLooks<Key, Answer> {
  readonly #running = new Map<Key, { readonly look: Promise<Answer>; readonly since: number }>();
  readonly #next = new Map<Key, Promise<Answer>>();

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  look(key: Key, work: () => Promise<Answer>): Promise<Answer> {
    const running = this.#running.get(key);
    if (running === undefined || this.now() - running.since > PATIENCE) return this.#begin(key, work);
    const planned = this.#next.get(key);
    if (planned !== undefined) return planned;
    const then = (): Promise<Answer> => {
      this.#next.delete(key);
      return this.look(key, work);
    };
    const next = running.look.then(then, then);
    this.#next.set(key, next);
    return next;
  }

  #begin(key: Key, work: () => Promise<Answer>): Promise<Answer> {
    const look = work().finally(() => {
      if (this.#running.get(key)?.look === look) this.#running.delete(key);
    });
    this.#running.set(key, { look, since: this.now() });
    // Those who wait for one that hangs get their own when it ends; who asks from now on does not wait with them.
    this.#next.delete(key);
    return look;
  }
}
