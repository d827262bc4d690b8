import type { AppendRequest, ExpectedRevision } from '../../event-log.js';

/**
 * An append request on its way to the writer: a column per member. Sending an object per event from thread to thread
 * would copy the names of its members with each of them.
 */
export interface PackedAppend {
  readonly common: string;
  readonly writes: {
    readonly streams: readonly string[];
    readonly expected: readonly ExpectedRevision[];
    readonly counts: readonly number[];
  };
  /** Events of all writes, one after the other. */
  readonly events: {
    readonly ids: readonly string[];
    readonly types: readonly string[];
    readonly data: readonly string[];
    /** Id and content hash as 64 hexadecimal digits. Absent, like `metadata`, when no event has one. */
    readonly clientIds?: readonly (string | undefined)[];
    readonly metadata?: readonly (string | undefined)[];
  };
}

export function packAppend({ common, writes }: AppendRequest): PackedAppend {
  const ids: string[] = [];
  const types: string[] = [];
  const data: string[] = [];
  const clientIds: (string | undefined)[] = [];
  const metadata: (string | undefined)[] = [];
  for (const { events } of writes) {
    for (const event of events) {
      ids.push(event.id);
      types.push(event.type);
      data.push(event.data);
      clientIds.push(event.clientId && event.clientId.idHash + event.clientId.contentHash);
      metadata.push(event.metadata && JSON.stringify(event.metadata));
    }
  }
  return {
    common: JSON.stringify(common),
    writes: {
      streams: writes.map(({ stream }) => stream),
      expected: writes.map(({ expected }) => expected),
      counts: writes.map(({ events }) => events.length),
    },
    events: {
      ids,
      types,
      data,
      ...(clientIds.some((it) => it !== undefined) && { clientIds }),
      ...(metadata.some((it) => it !== undefined) && { metadata }),
    },
  };
}
