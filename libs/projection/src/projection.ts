import type { Position } from '#core';
import type { RecordedEvent } from '#event-log';

import type { ProjectedCollection } from './projected-collection.js';
import type { Session } from './session.js';

/**
 * A projection is data: what it reads, what it keeps, and the steps that turn the one into the other. `D` is what an
 * event is decoded to, `S` the state that the stages of one page share.
 */
export interface Projection<D, S> {
  readonly name: string;
  /** Raised when fold or layout change: the new version is then built from the log beside the old one. */
  readonly version: number;
  readonly prefixes: readonly string[];
  readonly collections: readonly ProjectedCollection[];
  /**
   * Whether an event has a page of its own: of those that change by which rules all others are folded. So a page is folded
   * by one set of rules, wherever pages are cut.
   */
  readonly standsAlone?: (event: RecordedEvent) => boolean;
  /** `undefined` for events that do not concern this projection. A throw makes the event poison. */
  readonly decode: (event: RecordedEvent) => D | undefined;
  /** A fresh page state. */
  readonly beginPage: () => S;
  /** Folds event by event what belongs to one stream alone. */
  readonly perStream?: StreamStage<D, S>;
  /** Then, in order, what goes across streams; a later stage sees what the earlier ones made of the page. */
  readonly perPage: readonly PageStage<D, S>[];
}

/** An event of a page, decoded. */
export interface Entry<D> {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** Not delivered in its turn: it was parked, and is folded now behind later events. */
  readonly replayed: boolean;
  readonly value: D;
}

/**
 * One event concerns only documents of its own stream: so an event that cannot be folded is parked together with what
 * follows it in its stream, and all other streams go on.
 */
export interface StreamStage<D, S> {
  /** Loads whatever `apply` will ask the session for. */
  readonly load: (entries: readonly Entry<D>[], session: Session, page: S) => Promise<void>;
  readonly apply: (entry: Entry<D>, session: Session, page: S) => void;
}

/**
 * Folds the whole page, across streams. It accepts every event that ingest lets through: a throw is a bug, and stops the
 * projection with the event named.
 */
export interface PageStage<D, S> {
  readonly name: string;
  readonly fold: (entries: readonly Entry<D>[], session: Session, page: S) => Promise<void>;
}

/**
 * Whether a document had this event already: the page comes again after a crash between documents and checkpoint.
 * A replayed event is older than its neighbours, but never applied before.
 */
export function isApplied(documentPosition: Position, entry: Pick<Entry<unknown>, 'position' | 'replayed'>): boolean {
  return !entry.replayed && documentPosition >= entry.position;
}

/** A projection whose own types do not matter to who runs it. */
export type AnyProjection = Projection<unknown, unknown>;

/** The one place where the types of a projection's stages are forgotten: its stages only ever see what it decoded. */
export function defineProjection<D, S>(projection: Projection<D, S>): AnyProjection {
  return projection as unknown as AnyProjection;
}
