import { fetchJson } from '../../support/fetch-json.js';

/** Longer than any outage of these specs: who waits so long for an answer hangs. */
const GIVE_UP_MILLISECONDS = 120_000;
const PAUSE_MILLISECONDS = 100;

export interface SteadyLoadOptions {
  /** Where the service is now. */
  readonly url: () => string;
  readonly requests: number;
  readonly itemsPerRequest: number;
  /** Requests that are under way at a time. */
  readonly inFlight: number;
  /** Called once, when so many requests have been acknowledged. */
  readonly fault: { readonly after: number; readonly make: () => Promise<void> };
}

export interface SteadyLoadResult {
  /** Ids of everything that was acknowledged: all that were sent, for what is refused is sent again under the same ids. */
  readonly ids: readonly string[];
  readonly token: string;
  /** Statuses other than 202, with how often they were answered; 0 = the connection broke. */
  readonly refusals: ReadonlyMap<number, number>;
  /** Refusals that did not say when to come again. */
  readonly withoutRetryAfter: number;
  /** Of one request, in milliseconds, refused or not. */
  readonly slowest: number;
}

/**
 * Sends events to the dataset `orders` until each is acknowledged, over whatever happens to the service and its engines
 * meanwhile. Throws when something is refused for good.
 */
export async function loadSteadily(options: SteadyLoadOptions): Promise<SteadyLoadResult> {
  const { url, requests, itemsPerRequest, inFlight, fault } = options;
  const refusals = new Map<number, number>();
  const ids: string[] = [];
  let token = '';
  let slowest = 0;
  let withoutRetryAfter = 0;
  let acknowledged = 0;
  let next = 0;
  let faulted: Promise<void> | undefined;

  const sendOnce = async (items: readonly object[]): Promise<boolean> => {
    const startedAt = performance.now();
    try {
      const answer = await fetchJson(url(), '/v1/datasets/orders/events', { method: 'POST', body: items });
      if (answer.status === 202) {
        const said = answer.headers.get('x-consistency-token') ?? '';
        if (said > token) token = said;
        return true;
      }
      refusals.set(answer.status, (refusals.get(answer.status) ?? 0) + 1);
      if (answer.status !== 503 && answer.status !== 429) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
      if (answer.headers.get('retry-after') === null) withoutRetryAfter += 1;
      return false;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('refused')) throw error;
      refusals.set(0, (refusals.get(0) ?? 0) + 1);
      return false;
    } finally {
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
  };

  const sender = async (): Promise<void> => {
    while (next < requests) {
      const request = next;
      next += 1;
      const items = itemsOf(request, itemsPerRequest);
      const giveUpAt = performance.now() + GIVE_UP_MILLISECONDS;
      while (!(await sendOnce(items))) {
        if (performance.now() > giveUpAt) throw new Error(`request ${request} was never acknowledged`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
      }
      ids.push(...items.map(({ _id }) => _id));
      acknowledged += 1;
      if (acknowledged === fault.after) faulted = fault.make();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  await faulted;
  return { ids, token, refusals, withoutRetryAfter, slowest };
}

const CUSTOMERS = 20;

export function customers(): readonly string[] {
  return Array.from({ length: CUSTOMERS }, (_, customer) => `customer-${customer}`);
}

function itemsOf(request: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    _id: `order-${request}-${index}`,
    timestamp: new Date(Date.UTC(2011, 0, 1) + (request * count + index) * 1_000).toISOString(),
    eventType: 'commerce.purchases',
    crmId: `customer-${(request + index) % CUSTOMERS}`,
    order: { priceTotal: 2.5 },
  }));
}
