import { readyRequests, type ReadyRequest } from './requests.js';
import type { Scales } from './scales.js';
import type { BenchItem, Workload } from './workload.js';

/** Everything that one run sends, made before its clock starts. */
export interface PreparedPart {
  /** In a sandbox of its own: only the compiler of the service's process remembers it. */
  readonly warmUp: readonly ReadyRequest[];
  readonly load: readonly ReadyRequest[];
  readonly steady: readonly ReadyRequest[];
  readonly saturated: readonly ReadyRequest[];
  /** Items of all phases together. */
  readonly totalItems: number;
  /** Some of the profiles that `load` makes. */
  readonly profilePaths: readonly string[];
}

/** The first `rows` events of the workload and its records are the load; what comes next is for the other phases. */
export function preparePart(workload: Workload, rows: number, scales: Scales): PreparedPart {
  const { itemsPerRequest, steadyItemsPerRequest, steadyItemsPerSecond, steadySeconds, saturatedItems } = scales;
  const profiles = new Set<string>();
  const load = [
    ...readyRequests(workload.records, itemsPerRequest),
    ...readyRequests(noting(profiles, nextEvents(workload, rows)), itemsPerRequest),
  ];
  const steady = [...readyRequests(nextEvents(workload, steadyItemsPerSecond * steadySeconds), steadyItemsPerRequest)];
  const saturatedCount = Math.min(Math.max(Math.round(rows / 2), saturatedItems.least), saturatedItems.most);
  const saturated = [...readyRequests(nextEvents(workload, saturatedCount), itemsPerRequest)];
  const warmUp = [...readyRequests(nextEvents(workload, scales.warmUpItems), itemsPerRequest)];
  return {
    warmUp,
    load,
    steady,
    saturated,
    totalItems: [warmUp, load, steady, saturated].flat().reduce((sum, { items }) => sum + items, 0),
    profilePaths: evenly([...profiles], scales.lookupProfiles),
  };
}

function* nextEvents(workload: Workload, count: number): Generator<BenchItem> {
  for (let taken = 0; taken < count; taken += 1) yield workload.events.next().value;
}

function* noting(profiles: Set<string>, items: Iterable<BenchItem>): Generator<BenchItem> {
  for (const item of items) {
    profiles.add(item.profilePath);
    yield item;
  }
}

/** About `count` of the values, from the first to the last. */
function evenly<T>(values: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(values.length / count));
  return values.filter((_, index) => index % step === 0);
}
