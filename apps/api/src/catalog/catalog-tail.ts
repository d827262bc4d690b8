import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import type { SandboxCatalog, Sandboxes } from '#catalog';
import type { ComputedAttributes } from '#computed-attributes';
import { catalogStream, type Position, POSITION_START, SharedLooks, STREAM_PREFIX, TesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { Logger } from '#observability';
import { backOff } from '#projection';

import { invalidToken } from '../common/consistency.js';
import { EVENT_LOG, LOGGER } from '../common/ports.js';
import { CATALOG_STREAMS, CatalogState, type AtRevision } from './catalog-state.js';
import { PositionWaiters } from './position-waiters.js';

/** As `http.md` has it. */
const LONGEST_WAIT_MILLISECONDS = 5_000;
/** Time for a position that comes by itself, before the ends of streams are looked at. */
const GRACE_MILLISECONDS = 5;
const LONGEST_PAUSE_MILLISECONDS = 100;

/** Which sandbox a request is about, and which write it wants to see. */
export interface SandboxRequest {
  readonly sandbox: string;
  readonly token?: Position | undefined;
  /** Goes into the metadata of what it writes. */
  readonly requestId?: string;
}

/**
 * The catalog of every sandbox, held in memory and kept up with the log. Ingest needs it for every item and commands
 * decide on it; catalogs are small, and every process can fold its own copy. Queries of the catalog are answered from
 * here too, not from the read model: that way what a request sees is what the commands of this process decide on, and
 * a catalog can be read while projections are rebuilt.
 */
@Injectable()
export class CatalogTail implements OnModuleDestroy {
  readonly #state = new CatalogState();
  readonly #waiters = new PositionWaiters();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #position: Position = POSITION_START;
  /** By the name of the sandbox. */
  readonly #looks = new SharedLooks<string, Position>();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when everything is held that the log has now. Throws what keeps the log from being read at all. */
  async start(): Promise<void> {
    const head = await this.log.head();
    this.#running ??= this.#follow();
    // However long the catalog is: nothing can be served before.
    while (this.#position < head && !this.#stopping.signal.aborted) {
      await this.#waiters.wait(head, LONGEST_WAIT_MILLISECONDS);
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Everything up to here is held. */
  get position(): Position {
    return this.#position;
  }

  get sandboxes(): AtRevision<Sandboxes> {
    return this.#state.sandboxes;
  }

  /** What is defined in the sandbox of this name. Throws `SANDBOX_NOT_FOUND`. */
  sandbox(name: string): SandboxCatalog {
    return this.catalog(name).state;
  }

  /** The same with the revision of its stream. */
  catalog(name: string): AtRevision<SandboxCatalog> {
    const sandbox = this.#state.sandboxes.state.get(name);
    if (sandbox === undefined)
      throw new TesseraError('SANDBOX_NOT_FOUND', `There is no sandbox ${JSON.stringify(name)}.`);
    return this.#state.catalog(sandbox.sandboxId);
  }

  /** The computed attributes of the sandbox of this name, at the revision of its catalog. Throws `SANDBOX_NOT_FOUND`. */
  attributes(name: string): ComputedAttributes {
    return this.#state.attributes(this.sandbox(name).sandbox).state;
  }

  /** The catalog that a request wants to see. Throws as `waitFor` and `sandbox` do. */
  async open({ sandbox, token }: SandboxRequest): Promise<SandboxCatalog> {
    if (token !== undefined && this.#position < token) await this.#waitForSandbox(sandbox, token);
    return this.sandbox(sandbox);
  }

  /** Throws `NOT_YET_VISIBLE` when everything up to `position` is not held in time, and at once when it is no position. */
  async waitFor(position: Position, milliseconds: number = LONGEST_WAIT_MILLISECONDS): Promise<void> {
    if (this.#position >= position) return;
    this.#requireSameLog(position);
    if (await this.#waiters.wait(position, milliseconds)) return;
    throw notYetVisible();
  }

  /** Positions of one log have one width, so one of another width is from elsewhere. */
  #requireSameLog(position: Position): void {
    if (this.#position !== POSITION_START && this.#position.length !== position.length) throw invalidToken();
  }

  /**
   * As `waitFor`, for what concerns one sandbox. A log of which servers search large parts tells of a catalog that does not
   * change only now and then how far it was searched. The ends of its streams tell at once.
   */
  async #waitForSandbox(name: string, token: Position): Promise<void> {
    this.#requireSameLog(token);
    const giveUpAt = performance.now() + LONGEST_WAIT_MILLISECONDS;
    for (let pause = GRACE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
      if (await this.#waiters.wait(token, pause)) return;
      const held = await this.#looks.look(name, () => this.#heldUpTo(name)).catch(() => POSITION_START);
      if (held >= token) return;
      if (performance.now() >= giveUpAt) throw notYetVisible();
    }
  }

  /** Where the log ends, when nothing of this sandbox is missing up to there; else the start. */
  async #heldUpTo(name: string): Promise<Position> {
    const { sandboxId } = this.#state.sandboxes.state.get(name) ?? {};
    const head = await this.log.head();
    const [system, catalog] = await Promise.all([
      this.#endOf(STREAM_PREFIX.system),
      sandboxId === undefined ? -1 : this.#endOf(catalogStream(sandboxId)),
    ]);
    if (this.#state.sandboxes.revision < system) return POSITION_START;
    // A sandbox that was created or reset meanwhile has another catalog.
    if (this.#state.sandboxes.state.get(name)?.sandboxId !== sandboxId) return POSITION_START;
    const isHeld = sandboxId === undefined || this.#state.catalog(sandboxId).revision >= catalog;
    return isHeld ? head : POSITION_START;
  }

  /** -1 when there is nothing. */
  async #endOf(stream: string): Promise<number> {
    const { events } = await this.log.readStream(stream, { direction: 'backwards', limit: 1 });
    return events[0]?.revision ?? -1;
  }

  /** Without an end: a subscription that breaks off, with or without an error, is taken up where it was. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const pages = this.log.subscribe({ after: this.#position, prefixes: CATALOG_STREAMS, signal });
        for await (const { events, position } of pages) {
          for (const event of events) this.#state.apply(event);
          this.#position = position;
          this.#waiters.reached(position);
          attempt = 0;
        }
      } catch (error) {
        this.logger.warn({ err: error, position: this.#position }, 'the catalog has lost the log and tries again');
      }
      await backOff(attempt, signal);
    }
  }
}

function notYetVisible(): TesseraError {
  return new TesseraError('NOT_YET_VISIBLE', 'The catalog has not reached that write in time.');
}
