import { Inject, Injectable } from '@nestjs/common';

import type { Decision, Refusal, SandboxCatalog, Sandboxes } from '#catalog';
import type { AttributeCatalog, AttributeEvent } from '#computed-attributes';
import { catalogStream, STREAM_PREFIX, TesseraError, type Clock, type JsonObject, type Position } from '#core';
import type { EventLog, WriteOutcome } from '#event-log';

import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';
import type { AtRevision } from './catalog-state.js';
import { CatalogTail, type SandboxRequest } from './catalog-tail.js';

/** Only other processes race with this one. Their changes are rare too; more tries would only delay the answer. */
const MOST_TRIES = 5;

/** What became of a command. */
export interface Change {
  /** The thing was not there before. */
  readonly created: boolean;
  /** Something is different now. */
  readonly changed: boolean;
  /** Whoever has seen this position sees the change. */
  readonly position: Position;
}

export type WriteRequest = Pick<SandboxRequest, 'token' | 'requestId'>;

/** An event as the log keeps it. */
interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/** A stream and the state that decisions on it are taken from. */
interface Target<State> extends AtRevision<State> {
  readonly stream: string;
  readonly metadata: JsonObject;
}

/**
 * Decides on the catalog that this process holds and appends at the revision decided on. Whoever lost a race waits for
 * what the other one wrote and decides again. Changes of one process take turns, so that they do not race at all.
 */
@Injectable()
export class CatalogWriter {
  #before: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(EVENT_LOG) private readonly log: Pick<EventLog, 'append' | 'head'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
    private readonly tail: CatalogTail,
  ) {}

  /** Throws what the decider refused, `SANDBOX_NOT_FOUND`, `NOT_YET_VISIBLE`, `CONCURRENT_CHANGE` or an error of the log. */
  async changeCatalog(
    request: SandboxRequest,
    decide: (catalog: SandboxCatalog) => Decision<DomainEvent>,
  ): Promise<Change> {
    return this.#change(
      request,
      () => {
        const held = this.tail.catalog(request.sandbox);
        const { sandbox } = held.state;
        return { ...held, stream: catalogStream(sandbox), metadata: { sandbox } };
      },
      decide,
    );
  }

  /** Computed attributes are in the stream of the catalog. Throws as `changeCatalog` does. */
  async changeAttributes(
    request: SandboxRequest,
    decide: (state: AttributeCatalog) => Decision<AttributeEvent>,
  ): Promise<Change> {
    return this.changeCatalog(request, (catalog) =>
      decide({ catalog, attributes: this.tail.attributes(request.sandbox) }),
    );
  }

  /** Throws as `changeCatalog` does. */
  async changeSandboxes(
    request: WriteRequest,
    decide: (sandboxes: Sandboxes) => Decision<DomainEvent>,
  ): Promise<Change> {
    const target = () => ({ ...this.tail.sandboxes, stream: STREAM_PREFIX.system, metadata: {} });
    return this.#change(request, target, decide);
  }

  async #change<State>(
    { token, requestId }: WriteRequest,
    target: () => Target<State>,
    decide: (state: State) => Decision<DomainEvent>,
  ): Promise<Change> {
    if (token !== undefined) await this.tail.waitFor(token);
    const turn = this.#before.then(() => this.#decideAndAppend(requestId, target, decide));
    this.#before = turn.catch(() => undefined);
    return turn;
  }

  async #decideAndAppend<State>(
    requestId: string | undefined,
    target: () => Target<State>,
    decide: (state: State) => Decision<DomainEvent>,
  ): Promise<Change> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const current = target();
      const decision = decide(current.state);
      if (decision.outcome === 'refused') throw refusalError(decision.refusal);
      if (decision.outcome === 'unchanged') return { created: false, changed: false, position: this.tail.position };
      const written = await this.#append(current, decision.events, requestId);
      if (written.outcome === 'unknown') throw written.error;
      // Either way the next decision of this process must see what is in the stream now.
      await this.tail.waitFor(written.outcome === 'written' ? written.position : await this.log.head());
      if (written.outcome === 'written')
        return { created: decision.outcome === 'created', changed: true, position: written.position };
    }
    throw new TesseraError('CONCURRENT_CHANGE', 'Others changed the catalog at the same moment, again and again.');
  }

  async #append<State>(
    target: Target<State>,
    events: readonly DomainEvent[],
    requestId: string | undefined,
  ): Promise<WriteOutcome> {
    const request = requestId === undefined ? {} : { requestId };
    const [outcome] = await this.log.append({
      common: { ...target.metadata, ...request, ingestedAt: this.clock.now(), v: 1 },
      writes: [
        {
          stream: target.stream,
          expected: target.revision < 0 ? 'none' : target.revision,
          events: events.map(({ type, data }) => ({ id: this.mintId(), type, data: JSON.stringify(data) })),
        },
      ],
    });
    if (outcome === undefined) throw new TesseraError('INTERNAL', 'The log gave no outcome for a write.');
    return outcome;
  }
}

/** What a request is answered when a decider refuses it. */
export function refusalError({ code, message, errors, extra }: Refusal): TesseraError {
  return new TesseraError(code, message, {
    ...(errors !== undefined && { errors }),
    ...(extra !== undefined && { extra }),
  });
}
