import type { LatencySummary } from '../percentiles.js';
import type { BenchReport } from '../report.js';

/** What the identity scenario measured. Rates are per second. */
export interface IdentityReport extends Pick<BenchReport, 'startedAt' | 'seconds' | 'machine' | 'engines' | 'quick'> {
  readonly scenario: 'identity';
  readonly linking: LinkingReport;
  readonly hubs: readonly HubReport[];
  readonly clusters: readonly ClusterReport[];
  readonly wide: WideReport;
}

export interface Rates {
  readonly items: number;
  readonly itemsPerRequest: number;
  readonly connections: number;
  readonly acknowledgedPerSecond: number;
  readonly visiblePerSecond: number;
}

/** Events that name a person and one of the person's browsers. */
export interface LinkingReport {
  readonly people: number;
  readonly browsersPerPerson: number;
  /** Links that the first round made; the second makes few more. */
  readonly links: number;
  readonly first: Rates;
  /** As many events of the same people again. */
  readonly again: Rates;
}

/** One identity that occurs with ever more others. */
export interface HubReport {
  readonly kind: 'its owner changes' | 'over the limit';
  readonly links: number;
  /** Visible items/s of each thousand, in their order. */
  readonly thousands: readonly number[];
}

/** Clusters that are as large as the limit lets them be. */
export interface ClusterReport {
  readonly limit: number;
  readonly clusters: number;
  readonly build: Rates;
  /** Events that link what is linked already. */
  readonly full: Rates;
  readonly lookupFull: LookupReport;
  /** Each event brings an identity of which there is no room. */
  readonly over: Rates;
  readonly lookupOver: LookupReport;
}

export interface LookupReport {
  readonly perSecond: number;
  readonly latency: LatencySummary;
  readonly failures: number;
}

/** Profiles of many identities, each with fragments of its own. */
export interface WideReport {
  readonly profiles: number;
  readonly identities: number;
  readonly fragments: number;
  /** What is materialised: the default policy. */
  readonly lookup: LookupReport;
  /** Under a policy that is evaluated when the profile is read. */
  readonly lookupByPolicy: LookupReport;
}
