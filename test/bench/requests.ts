import { RETAIL_DATASETS, type RetailDataset } from '../../apps/cli/src/retail/retail-items.js';
import type { BenchItem } from './workload.js';

/** A request whose body is ready: nothing is made of items while the clock runs. */
export interface ReadyRequest {
  readonly path: string;
  /** NDJSON. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly items: number;
  /** Profile of the last item: what a client would look at to see its write. */
  readonly profilePath: string;
}

/** Puts items into requests of one dataset each, in their order. */
export function* readyRequests(items: Iterable<BenchItem>, itemsPerRequest: number): Generator<ReadyRequest> {
  const open = new Map<RetailDataset, BenchItem[]>();
  for (const item of items) {
    const waiting = open.get(item.dataset) ?? [];
    open.set(item.dataset, waiting);
    waiting.push(item);
    if (waiting.length < itemsPerRequest) continue;
    open.delete(item.dataset);
    yield readyRequest(waiting);
  }
  for (const waiting of open.values()) yield readyRequest(waiting);
}

function readyRequest(items: readonly BenchItem[]): ReadyRequest {
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a request without items');
  const path = `/v1/datasets/${first.dataset}/${RETAIL_DATASETS[first.dataset]}`;
  return ndjsonRequest(path, items, last.profilePath);
}

/** One request of these items, as JSON texts. */
export function ndjsonRequest(
  path: string,
  items: readonly { readonly text: string }[],
  profilePath: string,
): ReadyRequest {
  const text = items.map((item) => `${item.text}\n`).join('');
  return {
    path,
    // Of its own, so that it can be handed to another thread without a copy.
    body: new Uint8Array(new TextEncoder().encode(text)),
    items: items.length,
    profilePath,
  };
}
