/** What has come in since the start; restarts do not reset it. */
export interface StandInCounters {
  /** Complete appends that were received, refused ones and those that a fault swallowed included. */
  appends: number;
  /** Bytes of data and metadata in them. */
  appendedBytes: number;
  /** Events in them. */
  appendedEvents: number;
  /** Calls of readStream and readAll. */
  reads: number;
  subscriptionsOpen: number;
  subscriptionsOpened: number;
  connectionsOpen: number;
  connectionsOpened: number;
  /** Requests for the members of the cluster. */
  discoveries: number;
}

export function newCounters(): StandInCounters {
  return {
    appends: 0,
    appendedBytes: 0,
    appendedEvents: 0,
    reads: 0,
    subscriptionsOpen: 0,
    subscriptionsOpened: 0,
    connectionsOpen: 0,
    connectionsOpened: 0,
    discoveries: 0,
  };
}
