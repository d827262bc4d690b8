import type { CompiledAttribute, Partial } from '#computed-attributes';
import type { Session } from '#projection';

import { PARTIALS, type PartialsBody } from './computed-documents.js';

/** An attribute as a page puts events to it. */
export interface LiveAttribute extends CompiledAttribute {
  readonly id: string;
}

type Slots = Record<string, Partial>;

/** The partials that a page changes. Their documents must have been loaded. */
export class PartialsDraft {
  readonly #bodies = new Map<string, Map<string, Slots>>();

  /** `live`: ids of the published attributes. What was kept of others goes with the next change of its document. */
  constructor(
    private readonly session: Session,
    private readonly live: ReadonlySet<string>,
  ) {}

  add(key: string, { id, algebra }: LiveAttribute, slot: number, partial: Partial): void {
    const slots = this.#slots(key, id);
    const before = slots[slot];
    slots[slot] = before === undefined ? partial : algebra.merge(before, partial);
  }

  /** Forgets what is kept of an attribute, or of all. */
  clear(key: string, id?: string): void {
    if (id === undefined) this.#bodies.set(key, new Map());
    else this.#body(key).delete(id);
  }

  put(): void {
    for (const [key, body] of this.#bodies) {
      if (body.size === 0) this.session.delete(PARTIALS.name, key);
      else this.session.put(PARTIALS.name, key, {}, Object.fromEntries(body) satisfies PartialsBody);
    }
  }

  #slots(key: string, id: string): Slots {
    const body = this.#body(key);
    const slots = body.get(id) ?? {};
    body.set(id, slots);
    return slots;
  }

  /** Its slots are copied: what the session holds is never changed in place. */
  #body(key: string): Map<string, Slots> {
    const known = this.#bodies.get(key);
    if (known !== undefined) return known;
    const before = this.session.get<PartialsBody>(PARTIALS.name, key)?.value ?? {};
    const body = new Map<string, Slots>();
    for (const [id, slots] of Object.entries(before)) if (this.live.has(id)) body.set(id, { ...slots });
    this.#bodies.set(key, body);
    return body;
  }
}
