import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

import { streamNameOf, streams } from './protocol.js';
import type { LogPosition, StoredEvent } from './stored-event.js';

/** `from` is where a read begins: at a revision or position, at the start or at the end. */
export type From<T> = T | 'start' | 'end';

export interface StreamRead {
  readonly kind: 'stream';
  readonly stream: string;
  readonly from: From<bigint>;
  readonly backwards: boolean;
  readonly count: number;
}

export interface AllRead {
  readonly kind: 'all';
  readonly from: From<LogPosition>;
  readonly backwards: boolean;
  readonly count: number;
}

export interface SubscribeToAll {
  readonly kind: 'subscription';
  readonly from: From<LogPosition>;
  readonly filter: SubscriptionFilter | undefined;
}

export interface SubscriptionFilter {
  readonly matches: (event: StoredEvent) => boolean;
  /** How many events are looked at between two chances to send something. `undefined` is the server's default. */
  readonly searchWindow: number | undefined;
  /** How many search windows lie between two checkpoints. */
  readonly checkpointInterval: number;
}

/** `undefined` for what the stand-in does not serve: a subscription to one stream. */
export function readRequestOf(request: ReadReq): StreamRead | AllRead | SubscribeToAll | undefined {
  const options = request.getOptions();
  const all = options?.getAll();
  const stream = options?.getStream();
  if (options === undefined) return undefined;
  if (options.hasSubscription()) {
    return all && { kind: 'subscription', from: positionOf(all), filter: filterOf(options.getFilter()) };
  }
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const count = Number(options.getCount());
  if (all !== undefined) return { kind: 'all', from: positionOf(all), backwards, count };
  if (stream === undefined) return undefined;
  const name = streamNameOf(stream.getStreamIdentifier());
  return { kind: 'stream', stream: name, from: revisionOf(stream), backwards, count };
}

function revisionOf(options: ReadReq.Options.StreamOptions): From<bigint> {
  if (options.hasStart()) return 'start';
  return options.hasEnd() ? 'end' : BigInt(options.getRevision());
}

function positionOf(options: ReadReq.Options.AllOptions): From<LogPosition> {
  const position = options.getPosition();
  if (position === undefined) return options.hasStart() ? 'start' : 'end';
  return { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) };
}

function filterOf(options: ReadReq.Options.FilterOptions | undefined): SubscriptionFilter | undefined {
  if (options === undefined) return undefined;
  const onStream = options.getStreamIdentifier();
  const matches = matcherOf(onStream ?? options.getEventType());
  return {
    matches: onStream === undefined ? ({ type }) => matches(type) : ({ stream }) => matches(stream),
    searchWindow: options.hasMax() ? options.getMax() : undefined,
    checkpointInterval: options.getCheckpointintervalmultiplier(),
  };
}

function matcherOf(expression: ReadReq.Options.FilterOptions.Expression | undefined): (text: string) => boolean {
  const regex = expression?.getRegex() ?? '';
  if (regex !== '') {
    const compiled = new RegExp(regex);
    return (text) => compiled.test(text);
  }
  const prefixes = expression?.getPrefixList() ?? [];
  return (text) => prefixes.some((prefix) => text.startsWith(prefix));
}
