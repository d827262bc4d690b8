import type { JsonObject } from '#core';

import type { CompiledAttribute } from './compile-attribute.js';
import type { AttributeValue, Partial } from './partials/partial.js';
import { cutWindow, type Cut } from './slots.js';
import { windowStart } from './window.js';

/** An event as it is put to attributes at reading. */
export interface TimedEvent {
  readonly dataset: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tie: string;
  readonly data: JsonObject;
}

/** What of an attribute is to be read for a moment. */
export function cutAt({ level, window }: CompiledAttribute, at: number): Cut {
  return cutWindow(level, { from: windowStart(window, at), to: at });
}

/** Gathers what an attribute is made of, in any order. */
export class AttributeReading {
  #partial: Partial | undefined;

  constructor(
    readonly attribute: CompiledAttribute,
    readonly cut: Cut,
  ) {}

  /** Only partials of slots that `cut` names. */
  addPartial(partial: Partial): void {
    this.#partial = this.#partial === undefined ? partial : this.attribute.algebra.merge(this.#partial, partial);
  }

  /** Counts only where the event lies in a part that is read event by event. */
  addEvent({ dataset, at, tie, data }: TimedEvent): void {
    if (!this.cut.edges.some(({ from, to }) => from <= at && at <= to) || !this.attribute.takes(dataset)) return;
    const partial = this.attribute.partialOf(data, { at, tie });
    if (partial !== undefined) this.addPartial(partial);
  }

  finish(): AttributeValue {
    return this.attribute.algebra.finish(this.#partial);
  }
}
