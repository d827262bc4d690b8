import { Inject, Injectable } from '@nestjs/common';

import type { Clock, SandboxId } from '#core';
import { MAX_VALUE_CHARACTERS, type RefusedIdentity } from '#identity';
import type { Metrics } from '#observability';

import { CLOCK, METRICS } from '../common/ports.js';

/**
 * Values of one sandbox that are counted one by one. What is blocked is a list, of a thousand values at most besides the
 * built-in ones, so this is reached only by many namespaces or lists that were changed; further values count as a whole.
 */
const MOST_VALUES = 10_000;

export interface RefusedCount {
  readonly namespace: string;
  readonly code: RefusedIdentity['code'];
  readonly count: number;
}

export interface RefusedValue {
  readonly namespace: string;
  /** In lower case, as blocked values are compared; of one that is too long, the rule that it breaks. */
  readonly value: string;
  readonly count: number;
}

interface Tally {
  /** By namespace and code. */
  readonly counts: Map<string, RefusedCount>;
  /** Of blocked values. Those that do not fit their namespace may be anything, also personal, and are not kept. */
  readonly values: Map<string, RefusedValue>;
}

/** What this process has refused for an identity since it began, in items that were not only validated. */
@Injectable()
export class RefusedIdentities {
  /** Epoch milliseconds: counted from here on. */
  readonly since: number;
  readonly #tallies = new Map<SandboxId, Tally>();

  constructor(
    @Inject(CLOCK) clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.since = clock.now();
  }

  /** Counts what it is told, for one sandbox. */
  listener(sandbox: SandboxId): (refused: RefusedIdentity) => void {
    const tally = this.#tallies.get(sandbox) ?? { counts: new Map(), values: new Map() };
    this.#tallies.set(sandbox, tally);
    return ({ namespace, code, value }) => {
      this.metrics.countRefusedIdentity(namespace, code);
      increase(tally.counts, `${code} ${namespace}`, { namespace, code });
      if (code !== 'IDENTITY_BLOCKED') return;
      const shown = shownValue(value);
      const key = `${namespace} ${shown}`;
      if (tally.values.has(key) || tally.values.size < MOST_VALUES) {
        increase(tally.values, key, { namespace, value: shown });
      }
    };
  }

  /** By namespace and code, most first. */
  counts(sandbox: SandboxId): readonly RefusedCount[] {
    return mostFirst(this.#tallies.get(sandbox)?.counts);
  }

  /** The blocked values that came most often. */
  values(sandbox: SandboxId, limit: number): readonly RefusedValue[] {
    return mostFirst(this.#tallies.get(sandbox)?.values).slice(0, limit);
  }
}

function increase<T extends { readonly count: number }>(
  counts: Map<string, T>,
  key: string,
  what: Omit<T, 'count'>,
): void {
  counts.set(key, { ...what, count: (counts.get(key)?.count ?? 0) + 1 } as T);
}

function shownValue(value: string): string {
  const trimmed = value.normalize('NFC').trim();
  return trimmed.length > MAX_VALUE_CHARACTERS ? `over ${MAX_VALUE_CHARACTERS} characters` : trimmed.toLowerCase();
}

function mostFirst<T extends { readonly count: number }>(counts: ReadonlyMap<string, T> = new Map()): readonly T[] {
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
