import { setTimeout as delay } from 'node:timers/promises';

import { isTesseraError, TesseraError, type JsonObject } from '#core';
import type { Lease, LeaseStore } from '#read-store';

import { backOff } from './back-off.js';

/** How long a beat must stand still before somebody else takes the lease: then takeover is within 15 s, looks included. */
const TERM_MILLISECONDS = 10_000;
/** Beats in a term: three may fail before the lease is given up. */
const BEATS_IN_TERM = 4;
/** Looks in a term of somebody who waits. */
const LOOKS_IN_TERM = 10;
/** The holder stops its work this much of a term after its last beat, before anybody can take over. */
const GIVE_UP_AT = 0.8;

export interface LeaseKeeperOptions {
  readonly store: LeaseStore;
  /** Of the lease: lower-case letters, digits, `_`. */
  readonly name: string;
  /**
   * Who wants it. Whoever comes back under the name that holds the lease takes it at once: a name must not be used by two
   * processes at a time.
   */
  readonly holder: string;
  readonly termMilliseconds?: number;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic?: () => number;
  readonly report?: (message: string, details: JsonObject, error?: unknown) => void;
  /** Somebody else holds it: told once for each time of waiting. */
  readonly onStandby?: () => void;
  /** The store cannot tell who holds it; told for each attempt. */
  readonly onAway?: (error: TesseraError) => void;
}

/** While somebody holds a lease. */
export interface HeldLease {
  /** The fencing token, for `ReadStore.claim`. */
  readonly token: number;
  /** Aborts when the lease is lost or given back: what was done under it has to end. */
  readonly signal: AbortSignal;
}

/**
 * Holds a lease for as long as somebody works under it. Taking over needs no common clock: who waits takes a lease whose
 * beat stood still for a whole term on its own monotonic clock, and who holds it stops its work well before, on its own.
 * That is politeness; safety comes from the token, under which every claim is made.
 */
export class LeaseKeeper {
  readonly #term: number;
  readonly #now: () => number;

  constructor(private readonly options: LeaseKeeperOptions) {
    this.#term = options.termMilliseconds ?? TERM_MILLISECONDS;
    this.#now = options.monotonic ?? (() => performance.now());
  }

  /**
   * Waits for the lease, does the work, gives the lease back. `work` has to end when its signal aborts. Resolves to true
   * when the work ended by itself, to false when the lease was lost or `signal` aborted. Throws what the work throws.
   */
  async hold(signal: AbortSignal, work: (held: HeldLease) => Promise<void>): Promise<boolean> {
    const lease = await this.#acquire(signal);
    if (lease === undefined) return false;
    const startedAt = this.#now();
    const { name } = this.options;
    this.#report('the lease is taken', { lease: name, epoch: lease.epoch });
    const done = new AbortController();
    const lost = new AbortController();
    const held: HeldLease = { token: lease.epoch, signal: AbortSignal.any([signal, lost.signal]) };
    const beating = this.#beat(lease, startedAt, done.signal, lost);
    try {
      await work(held);
      return !held.signal.aborted;
    } finally {
      done.abort();
      await beating;
      await this.#release(lease);
    }
  }

  async #acquire(signal: AbortSignal): Promise<Lease | undefined> {
    const { store, name, holder } = this.options;
    let seen: Lease | undefined;
    let seenAt = this.#now();
    let waiting = false;
    for (let failures = 0; !signal.aborted;) {
      try {
        const lease = await store.lease(name);
        failures = 0;
        if (!sameBeat(lease, seen)) {
          seen = lease;
          seenAt = this.#now();
        }
        const free = lease === undefined || lease.holder === '' || lease.holder === holder;
        if (free || this.#now() - seenAt >= this.#term) {
          const taken = await store.takeLease(name, lease, holder);
          if (taken !== undefined) return taken;
          continue;
        }
        if (!waiting) this.#standBy(lease);
        waiting = true;
        await pause(this.#term / LOOKS_IN_TERM, signal);
      } catch (error) {
        if (!isTesseraError(error) || !error.retryable) throw error;
        this.#report('the lease cannot be read', { lease: name }, error);
        this.options.onAway?.(error);
        waiting = false;
        await backOff(failures, signal);
        failures += 1;
      }
    }
    return undefined;
  }

  /** Raises the beat until the work is done; aborts `lost` when it no longer may count on the lease. */
  async #beat(first: Lease, startedAt: number, done: AbortSignal, lost: AbortController): Promise<void> {
    const { name } = this.options;
    let lease = first;
    // The term of those who wait begins no earlier than the moment at which a beat was sent.
    let beatAt = startedAt;
    const giveUpLate = setInterval(() => {
      if (this.#now() - beatAt < this.#term * GIVE_UP_AT) return;
      this.#lose(lost, 'no beat has got through for too long');
    }, this.#term / LOOKS_IN_TERM);
    const end = AbortSignal.any([done, lost.signal]);
    for (;;) {
      await pause(this.#term / BEATS_IN_TERM, end);
      if (end.aborted) break;
      const sentAt = this.#now();
      try {
        const renewed = await this.#renew(lease);
        if (renewed === undefined) {
          this.#lose(lost, 'somebody else has taken it over');
          break;
        }
        lease = renewed;
        beatAt = sentAt;
      } catch (error) {
        this.#report('a beat of the lease failed', { lease: name }, error);
      }
    }
    clearInterval(giveUpLate);
  }

  /** A beat whose answer was lost may have been raised: then the lease is still ours, at another beat. */
  async #renew(lease: Lease): Promise<Lease | undefined> {
    const { store, name } = this.options;
    const renewed = await store.renewLease(name, lease);
    if (renewed !== undefined) return renewed;
    const now = await store.lease(name);
    const ours = now?.epoch === lease.epoch && now.holder === lease.holder;
    return ours ? store.renewLease(name, now) : undefined;
  }

  #standBy({ holder }: Lease): void {
    this.#report('somebody else holds the lease: waiting', { lease: this.options.name, holder });
    this.options.onStandby?.();
  }

  #lose(lost: AbortController, reason: string): void {
    if (lost.signal.aborted) return;
    this.#report('the lease is lost', { lease: this.options.name, reason });
    lost.abort(new TesseraError('FENCED', `the lease is lost: ${reason}`));
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.options.store.releaseLease(this.options.name, lease);
    } catch (error) {
      // It runs out by itself.
      this.#report('the lease could not be given back', { lease: this.options.name }, error);
    }
  }

  #report(message: string, details: JsonObject, error?: unknown): void {
    this.options.report?.(message, details, error);
  }
}

function sameBeat(a: Lease | undefined, b: Lease | undefined): boolean {
  return a?.holder === b?.holder && a?.epoch === b?.epoch && a?.beat === b?.beat;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
