/**
 * A map of at most `limit` entries that keeps what was used recently: at least the last `limit / 2` entries used, at
 * most `limit`. Two generations, the older one forgotten as a whole: an exact order would have to delete and re-insert
 * in one `Map` at every use, which leaves holes that every later eviction walks over (docs/benchmarks.md).
 */
export class LruMap<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  readonly #generation: number;

  constructor(limit: number) {
    this.#generation = Math.floor(limit / 2);
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#generation && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    if (this.#generation > 0) this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
