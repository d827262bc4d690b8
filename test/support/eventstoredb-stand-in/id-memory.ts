/**
 * How many event ids the server remembers for appends that expect `any`. Its cache is bounded in bytes; a real one
 * recognised repeats after 20,000 other events and no longer after 30,000.
 */
const CAPACITY = 25_000;

export interface RememberedId {
  readonly stream: string;
  readonly revision: bigint;
}

/** The ids of the latest events; the oldest go first, all go when the server restarts. */
export class IdMemory {
  private readonly ids = new Map<string, RememberedId>();

  remember(id: string, at: RememberedId): void {
    this.ids.delete(id);
    this.ids.set(id, at);
    if (this.ids.size <= CAPACITY) return;
    for (const oldest of this.ids.keys()) {
      this.ids.delete(oldest);
      return;
    }
  }

  find(id: string, stream: string): RememberedId | undefined {
    const found = this.ids.get(id);
    return found?.stream === stream ? found : undefined;
  }

  forget(): void {
    this.ids.clear();
  }
}
