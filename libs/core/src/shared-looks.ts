/**
 * Looks something up for many who ask. Whoever asks gets what was looked up after the question; those who ask while a look
 * is under way share the next one.
 */
export class SharedLooks<Key, Answer> {
  readonly #running = new Map<Key, Promise<Answer>>();
  readonly #next = new Map<Key, Promise<Answer>>();

  look(key: Key, work: () => Promise<Answer>): Promise<Answer> {
    const running = this.#running.get(key);
    if (running === undefined) {
      const look = work().finally(() => this.#running.delete(key));
      this.#running.set(key, look);
      return look;
    }
    const planned = this.#next.get(key);
    if (planned !== undefined) return planned;
    const then = (): Promise<Answer> => {
      this.#next.delete(key);
      return this.look(key, work);
    };
    const next = running.then(then, then);
    this.#next.set(key, next);
    return next;
  }
}
