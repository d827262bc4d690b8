import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { laterOf, POSITION_START, TesseraError, type Clock, type NamingSecret, type Position } from '#core';
import type { EventLog } from '#event-log';
import type { Metrics } from '#observability';
import { FragmentNames } from '#profile';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';
import { CLOCK, EVENT_LOG, METRICS, MINT_ID, NAMING_SECRET, type MintId } from '../common/ports.js';
import { IngestRun } from './ingest-run.js';
import { ingestSetup, type IngestSetup, type IngestTarget } from './ingest-setup.js';
import { itemResult } from './item-result.js';
import { ItemResults, type ItemCounts, type ResultsWanted } from './item-results.js';
import { itemSlices, type Slices } from './item-slices.js';
import { KnownItems } from './known-items.js';
import { prepareRaw } from './prepare-raw.js';
import { logRefusals } from './refusals-log.js';

export interface IngestRequest extends IngestTarget, SandboxRequest {
  /** A JSON array as a whole, or NDJSON as it comes. */
  readonly body: Buffer | Readable;
  readonly results: ResultsWanted;
  readonly requestId: string;
}

export interface Ingested {
  readonly counts: ItemCounts;
  /** Counts and results as JSON. */
  readonly json: string;
  /** Whoever waits for it sees everything that was accepted, and what the duplicates repeat. Undefined: nothing was to be written. */
  readonly position: Position | undefined;
}

export class IngestItems extends Command<Ingested> {
  constructor(
    readonly request: IngestRequest,
    readonly mode: 'write' | 'validate',
  ) {
    super();
  }
}

@CommandHandler(IngestItems)
export class IngestItemsHandler implements ICommandHandler<IngestItems> {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(NAMING_SECRET) private readonly secret: NamingSecret,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(MINT_ID) private readonly mintId: MintId,
    private readonly catalogs: CatalogTail,
    private readonly live: LiveView,
    private readonly names: FragmentNames,
  ) {}

  async execute({ request, mode }: IngestItems): Promise<Ingested> {
    const catalog = await this.catalogs.open(request);
    const setup = ingestSetup(catalog, request, this.names, this.secret);
    const slices = itemSlices(request.body, request.kind);
    const results = new ItemResults(request.results);
    const work = { setup, slices, results };
    const position = mode === 'write' ? await this.#write(request, work) : await this.#validate(work);
    return { counts: results.counts, json: results.toJson(), position };
  }

  async #write(
    { kind, dataset, requestId, sandbox }: IngestRequest,
    { setup, slices, results }: Work,
  ): Promise<Position> {
    const { log, clock, live, secret } = this;
    const known = new KnownItems({ live, secret, kind, dataset, shown: setup.metadata.shown });
    const run = new IngestRun({ setup, requestId, log, known, clock, results });
    for await (const slice of slices) {
      this.#refuseGone(sandbox, dataset, setup);
      await run.take(slice);
    }
    await run.finish();
    const refusedAt = await this.#logRefusals(setup, results, requestId);
    const { accepted, rejected, duplicates } = results.counts;
    this.metrics.countItems('accepted', accepted);
    this.metrics.countItems('rejected', rejected);
    this.metrics.countItems('duplicate', duplicates);
    // What a duplicate repeats is in the log already.
    const position = accepted > 0 ? run.position : await log.head();
    return laterOf(position, refusedAt);
  }

  async #logRefusals({ metadata }: IngestSetup, { refusals }: ItemResults, requestId: string): Promise<Position> {
    if (refusals.length === 0) return POSITION_START;
    const stamp = { id: this.mintId(), ingestedAt: this.clock.now(), requestId };
    return logRefusals(this.log, metadata, { codes: refusals }, stamp);
  }

  /** A long request does not outlive its dataset: what it wrote so far goes with the rest. Throws `DATASET_NOT_FOUND`. */
  #refuseGone(sandbox: string, dataset: string, { metadata }: IngestSetup): void {
    const catalog = this.catalogs.sandbox(sandbox);
    if (catalog.sandbox === metadata.sandbox && catalog.datasets.has(dataset)) return;
    throw new TesseraError('DATASET_NOT_FOUND', `The dataset ${dataset} was deleted while the items came in.`);
  }

  async #validate({ setup, slices, results }: Work): Promise<undefined> {
    for await (const slice of slices) {
      const now = this.clock.now();
      for (const raw of slice) results.add(itemResult(raw, prepareRaw(setup.context, raw, now)));
      await nextTurn();
    }
  }
}

interface Work {
  readonly setup: IngestSetup;
  readonly slices: Slices;
  readonly results: ItemResults;
}
