import type { CallError } from './call-errors.js';

/** What a frozen or slow server, or one that refuses, does it to. `all` are also discovery and subscriptions. */
export type FaultScope = 'appends' | 'all';

/**
 * Why the server refuses. On appends the client sees: `not-ready` and `too-busy` an `UnknownError` ("Could not recognize
 * Server Is Not Ready" / "... Server Is Busy"), `timeout` a `DeadlineExceededError`, `access-denied` an
 * `AccessDeniedError`. On reads and deletes: `UnavailableError` twice, `TimeoutError`, `AccessDeniedError`.
 */
export type Refusal = 'not-ready' | 'too-busy' | 'timeout' | 'access-denied';

/** How a discovery fails: the call itself, or it names a member that nobody can reach. */
export type DiscoveryFailure = 'error' | 'unreachable-member';

/** The faults that a test can switch on. Whatever counts `times` switches itself off again. */
export interface StandInFaults {
  /** Ends every connection now, without a word. */
  cutConnections(): void;
  /**
   * Ends every connection in the middle of the appends that come next. With `afterWriting` 0 the next append is lost
   * unwritten; with k the next k - 1 are written and answered, the k-th is written and its answer lost.
   */
  cutDuringAppends(options: { readonly afterWriting: number }): void;
  /** The next appends are written; instead of the answer the client gets `UNAVAILABLE`. */
  writeThenFail(times?: number): void;
  /** The next appends are written and never answered. */
  writeThenStaySilent(times?: number): void;
  /**
   * Accepts connections and calls and answers none, subscriptions fall silent, until `thaw`; then what has waited is
   * done in its order. Pings of the connection are still answered: the keep-alive of a client notices nothing.
   */
  freeze(scope?: FaultScope): void;
  thaw(): void;
  /** Every call of the scope waits so long before it is looked at. 0 ends it. */
  slow(milliseconds: number, scope?: FaultScope): void;
  /** Refuses the next calls; with `all` also reads, subscriptions, deletes (not discovery). `accept` ends it. */
  refuse(why: Refusal, options?: { readonly scope?: FaultScope; readonly times?: number }): void;
  accept(): void;
  /** Ends the open subscriptions without an error. */
  endSubscriptions(): void;
  /** Ends the open subscriptions with an error, `UNAVAILABLE` if none is given. */
  failSubscriptions(error?: CallError): void;
  /** The open subscriptions stay open and deliver nothing any more; those opened later deliver. */
  silenceSubscriptions(): void;
  /** The next discoveries fail; each attempt of a client counts. */
  failDiscovery(times: number, how?: DiscoveryFailure): void;
  /** Everything works again. What was silenced or swallowed stays so. */
  reset(): void;
}

/** What became of an append that a fault touches. */
export type AppendFault = 'lose-and-cut' | 'write-and-cut' | 'write-and-fail' | 'write-and-stay-silent';
