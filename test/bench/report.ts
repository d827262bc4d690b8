import type { EngineChoice } from './engines.js';
import type { LatencySummary } from './percentiles.js';
import type { Variant } from './workload.js';

/** How much of the file a run loads. */
export type Part = 'a twentieth' | 'a tenth' | 'a half' | 'all';

export const PART_OF_FILE: Readonly<Record<Part, number>> = { 'a twentieth': 20, 'a tenth': 10, 'a half': 2, all: 1 };

/** Everything that was measured on one fresh data folder. Rates are per second, sizes in bytes. */
export interface PartReport {
  readonly variant: Variant;
  readonly part: Part;
  /** `_id` scheme, order of arrival and number of owners. */
  readonly workload: string;
  readonly load: LoadReport;
  readonly steady: SteadyReport;
  readonly saturated: SaturatedReport;
  readonly rebuild: { readonly events: number; readonly seconds: number; readonly perSecond: number };
  /** Not told of servers, which others may use too. */
  readonly disk: { readonly items: number; readonly logPerItem: number; readonly readStorePerItem: number } | undefined;
  /** Most memory that either of the two `serve` processes of the run ever had. */
  readonly peakMemory: number | undefined;
  readonly restartSeconds: number;
  readonly bareLimit: BareLimitReport;
}

export interface LoadReport {
  readonly items: number;
  readonly itemsPerRequest: number;
  readonly connections: number;
  readonly bytesPerItem: number;
  readonly acknowledgedPerSecond: number;
  readonly visiblePerSecond: number;
  /** CPU time of the client process for each second of the load: it runs on the same cores. */
  readonly clientCores: number;
}

export interface SteadyReport {
  readonly itemsPerSecond: number;
  readonly itemsPerRequest: number;
  readonly seconds: number;
  readonly ack: LatencySummary;
  readonly lag: LatencySummary;
  readonly lookupsPerSecond: number;
  readonly lookup: LatencySummary;
  readonly lookupFailures: number;
}

export interface SaturatedReport {
  readonly items: number;
  readonly itemsPerRequest: number;
  readonly acknowledgedPerSecond: number;
  readonly visiblePerSecond: number;
  readonly lookupsPerSecond: number;
  readonly lookup: LatencySummary;
  readonly lookupFailures: number;
}

export interface BareLimitReport {
  readonly appendPerSecond: number;
  readonly readBackPerSecond: number;
  /** Not told of servers. */
  readonly diskPerItem?: number;
}

export interface BenchReport {
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: {
    readonly cores: number;
    readonly processor: string;
    readonly memory: number;
    readonly system: string;
    readonly node: string;
  };
  readonly file: string;
  readonly engines: EngineChoice;
  readonly quick: boolean;
  readonly parts: readonly PartReport[];
}
