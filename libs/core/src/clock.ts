/** Where the time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** RFC 3339 in UTC with milliseconds, the form in which every time leaves Tessera. */
export function toRfc3339(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
