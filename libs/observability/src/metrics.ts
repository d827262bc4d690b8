import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What one projection says about itself at the moment of a scrape. */
export interface ProjectionSample {
  readonly projection: string;
  readonly version: number;
  readonly state: string;
  readonly lagPositions: number;
  readonly lagSeconds: number;
  readonly parked: number;
}

/** From 0.5 ms (one fsync of a fast disk) to 10 s (the log is about to be given up). */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The metrics of one process. No label ever holds something personal, or of which there can be very many. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #items = new Counter({
    name: 'tessera_items_total',
    help: 'Items that were sent for ingest, by what became of them',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });
  readonly #refusedIdentities = new Counter({
    name: 'tessera_identities_refused_total',
    help: 'Identities of items that were not taken, by namespace and code',
    labelNames: ['namespace', 'code'] as const,
    registers: [this.#registry],
  });
  readonly #append = new Histogram({
    name: 'tessera_append_seconds',
    help: 'Time from handing events to the log until they are durable',
    buckets: LATENCY_BUCKETS,
    registers: [this.#registry],
  });
  readonly #lagPositions = this.#projectionGauge('lag_positions', 'Log behind the projection, in units of the engine');
  readonly #lagSeconds = this.#projectionGauge(
    'lag_seconds',
    'How long the oldest event that is not folded has waited',
  );
  readonly #parked = this.#projectionGauge('parked', 'Streams that wait behind an event that cannot be folded');

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const outcome of ['accepted', 'rejected', 'duplicate'] as const) this.#items.inc({ outcome }, 0);
  }

  countItems(outcome: 'accepted' | 'rejected' | 'duplicate', count: number): void {
    this.#items.inc({ outcome }, count);
  }

  /** `namespace`: a code as defined; a service has a few hundred at most. */
  countRefusedIdentity(namespace: string, code: string): void {
    this.#refusedIdentities.inc({ namespace, code });
  }

  observeAppend(seconds: number): void {
    this.#append.observe(seconds);
  }

  /** Replaces what was known about projections. */
  setProjections(samples: readonly ProjectionSample[]): void {
    for (const gauge of [this.#lagPositions, this.#lagSeconds, this.#parked]) gauge.reset();
    for (const { projection, version, state, lagPositions, lagSeconds, parked } of samples) {
      const labels = { projection, version: String(version), state };
      this.#lagPositions.set(labels, lagPositions);
      this.#lagSeconds.set(labels, lagSeconds);
      this.#parked.set(labels, parked);
    }
  }

  get mediaType(): string {
    return this.#registry.contentType;
  }

  /** The text format of Prometheus. */
  print(): Promise<string> {
    return this.#registry.metrics();
  }

  #projectionGauge(name: string, help: string) {
    return new Gauge({
      name: `tessera_projection_${name}`,
      help,
      labelNames: ['projection', 'version', 'state'] as const,
      registers: [this.#registry],
    });
  }
}
