import { unavailable, type CallError } from './call-errors.js';
import type { AppendFault, DiscoveryFailure, FaultScope, Refusal, StandInFaults } from './faults.js';

/** A subscription, as far as faults can touch it. */
export interface OpenSubscription {
  end(): void;
  fail(error: CallError): void;
  silence(): void;
}

interface Refusing {
  readonly why: Refusal;
  readonly scope: FaultScope;
  times: number;
}

/** The state of the faults: a test sets it through `StandInFaults`, the services ask it. */
export class FaultSwitches implements StandInFaults {
  readonly subscriptions = new Set<OpenSubscription>();
  private appendsUntilCut: number | undefined;
  private toFail = 0;
  private toSilence = 0;
  private delay: { readonly milliseconds: number; readonly scope: FaultScope } | undefined;
  private frozen: { readonly scope: FaultScope; readonly thawed: Promise<void>; readonly thaw: () => void } | undefined;
  private refusing: Refusing | undefined;
  private discovery: { times: number; readonly how: DiscoveryFailure } | undefined;

  constructor(readonly cutConnections: () => void) {}

  cutDuringAppends({ afterWriting }: { readonly afterWriting: number }): void {
    this.appendsUntilCut = afterWriting;
  }

  writeThenFail(times = 1): void {
    this.toFail = times;
  }

  writeThenStaySilent(times = 1): void {
    this.toSilence = times;
  }

  freeze(scope: FaultScope = 'all'): void {
    this.thaw();
    const { promise, resolve } = withResolvers();
    this.frozen = { scope, thawed: promise, thaw: resolve };
  }

  thaw(): void {
    this.frozen?.thaw();
    this.frozen = undefined;
  }

  slow(milliseconds: number, scope: FaultScope = 'all'): void {
    this.delay = milliseconds > 0 ? { milliseconds, scope } : undefined;
  }

  refuse(why: Refusal, { scope = 'all', times = Infinity }: { scope?: FaultScope; times?: number } = {}): void {
    this.refusing = { why, scope, times };
  }

  accept(): void {
    this.refusing = undefined;
  }

  endSubscriptions(): void {
    for (const subscription of this.subscriptions) subscription.end();
  }

  failSubscriptions(error: CallError = unavailable()): void {
    for (const subscription of this.subscriptions) subscription.fail(error);
  }

  silenceSubscriptions(): void {
    for (const subscription of this.subscriptions) subscription.silence();
  }

  failDiscovery(times: number, how: DiscoveryFailure = 'error'): void {
    this.discovery = { times, how };
  }

  reset(): void {
    this.appendsUntilCut = undefined;
    this.toFail = 0;
    this.toSilence = 0;
    this.discovery = undefined;
    this.slow(0);
    this.accept();
    this.thaw();
  }

  /** Resolves when a call may be looked at; `undefined` is at once, which spares the usual call a turn. */
  ready(kind: 'append' | 'other'): Promise<void> | undefined {
    const applies = (scope: FaultScope | undefined): boolean =>
      scope === 'all' || (scope === 'appends' && kind === 'append');
    const thawed = applies(this.frozen?.scope) ? this.frozen?.thawed : undefined;
    const { milliseconds, scope } = this.delay ?? { milliseconds: 0, scope: undefined };
    if (!applies(scope)) return thawed;
    const waited = new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
    return thawed === undefined ? waited : Promise.all([thawed, waited]).then(() => undefined);
  }

  takeRefusal(kind: 'append' | 'other'): Refusal | undefined {
    const { refusing } = this;
    if (refusing === undefined || (refusing.scope === 'appends' && kind !== 'append')) return undefined;
    refusing.times -= 1;
    if (refusing.times <= 0) this.refusing = undefined;
    return refusing.why;
  }

  takeAppendFault(): AppendFault | undefined {
    if (this.appendsUntilCut !== undefined) {
      const left = this.appendsUntilCut;
      this.appendsUntilCut = left > 1 ? left - 1 : undefined;
      if (left <= 1) return left === 1 ? 'write-and-cut' : 'lose-and-cut';
    }
    if (this.toFail > 0) {
      this.toFail -= 1;
      return 'write-and-fail';
    }
    if (this.toSilence > 0) {
      this.toSilence -= 1;
      return 'write-and-stay-silent';
    }
    return undefined;
  }

  takeDiscoveryFailure(): DiscoveryFailure | undefined {
    const { discovery } = this;
    if (discovery === undefined) return undefined;
    discovery.times -= 1;
    if (discovery.times <= 0) this.discovery = undefined;
    return discovery.how;
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
