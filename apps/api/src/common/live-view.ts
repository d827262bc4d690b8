import { setTimeout as delay } from 'node:timers/promises';

import { Inject, Injectable } from '@nestjs/common';

import { isTesseraError, laterOf, POSITION_START, SharedLooks, TesseraError, type Position } from '#core';
import type { DocumentReader, ProjectionVersion, ReadStore } from '#read-store';

import { invalidToken } from './consistency.js';
import { READ_STORE } from './ports.js';

/** As `http.md` has it. */
const LONGEST_WAIT_MILLISECONDS = 5_000;
/** The projector commits every few milliseconds; waiting longer than this between looks would only add latency. */
const FIRST_PAUSE_MILLISECONDS = 2;
const LONGEST_PAUSE_MILLISECONDS = 20;

/** One version of a projection, as it was opened. */
export interface OpenVersion {
  readonly reader: DocumentReader;
  /**
   * Whether all documents of the commit at this position are there: an engine without transactions writes one after the
   * other, and the checkpoint last.
   */
  isWhole(position: Position): Promise<boolean>;
}

/** How far the active version of a projection has come. */
interface Reached {
  readonly version: ProjectionVersion;
  readonly position: Position;
}

/** What queries read: the version of a projection that the registry names as active. */
@Injectable()
export class LiveView {
  /** The last checkpoint that was seen of a version that was active: numbers of versions are never used again. */
  readonly #checkpoints = new Map<string, Position>();
  /** However many wait for a projection, they look where it is together. */
  readonly #looks = new SharedLooks<string, Reached>();

  constructor(@Inject(READ_STORE) private readonly store: ReadStore) {}

  /** Throws `NOT_READY` before the projector has registered the projection. */
  async version(projection: string): Promise<ProjectionVersion> {
    const entry = await this.store.registry(projection);
    if (entry === undefined) throw new TesseraError('NOT_READY', `The projection ${projection} is not there yet.`);
    return { projection, version: entry.active };
  }

  async reader(projection: string): Promise<DocumentReader> {
    return this.store.reader(await this.version(projection));
  }

  /**
   * A reader that sees everything up to `token`, or whatever is there without one. Throws `NOT_YET_VISIBLE` when that
   * takes longer than 5 s.
   */
  async readerAt(projection: string, token: Position | undefined): Promise<DocumentReader> {
    return (await this.openAt(projection, token)).reader;
  }

  /** As `readerAt`, for reads of several documents that belong together. */
  async openAt(projection: string, token: Position | undefined): Promise<OpenVersion> {
    const version = token === undefined ? await this.version(projection) : await this.#reached(projection, token);
    return { reader: this.store.reader(version), isWhole: (position) => this.#isWhole(version, position) };
  }

  async #isWhole(version: ProjectionVersion, position: Position): Promise<boolean> {
    const name = `${version.projection}@${version.version}`;
    const seen = this.#checkpoints.get(name) ?? POSITION_START;
    if (seen >= position) return true;
    const checkpoint = (await this.store.checkpoint(version))?.position ?? POSITION_START;
    this.#checkpoints.set(name, laterOf(seen, checkpoint));
    return checkpoint >= position;
  }

  /** Resolves once the projection has passed the position, however far it is behind. Throws the reason of `signal`. */
  async passed(projection: string, position: Position, signal: AbortSignal): Promise<void> {
    if (position === POSITION_START) return;
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#reached(projection, position, signal);
        return;
      } catch (error) {
        if (!isTesseraError(error, 'NOT_YET_VISIBLE')) throw error;
      }
    }
  }

  async #look(projection: string): Promise<Reached> {
    const version = await this.version(projection);
    return { version, position: (await this.store.checkpoint(version))?.position ?? POSITION_START };
  }

  /** Looks up the version at every turn: a rebuild may switch it while somebody waits. */
  async #reached(projection: string, token: Position, signal?: AbortSignal): Promise<ProjectionVersion> {
    const giveUpAt = performance.now() + LONGEST_WAIT_MILLISECONDS;
    for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
      const { version, position } = await this.#looks.look(projection, () => this.#look(projection));
      // Positions of one log have one width, so a token of another width is from elsewhere.
      if (position !== POSITION_START && position.length !== token.length) throw invalidToken();
      if (position >= token) return version;
      signal?.throwIfAborted();
      if (performance.now() >= giveUpAt) {
        throw new TesseraError('NOT_YET_VISIBLE', `The projection ${projection} has not reached that write in 5 s.`);
      }
      await delay(pause);
    }
  }
}
