/** Why an item was refused, and where in the file it stands. */
export interface RefusedItem {
  readonly dataset: string;
  /** `undefined` when no single line made the item. */
  readonly line: number | undefined;
  readonly code: string;
  readonly message: string;
}

/** What one answer says about the items of one chunk. */
export interface ChunkOutcome {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Those of `rejected` that the answer names. */
  readonly refused: readonly RefusedItem[];
  /** Accepted, but with a warning; by code. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Position of the write; a later one covers it. */
  readonly token: string | undefined;
}

/** What a load has come to. */
export interface LoadTally {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly warnings: Readonly<Record<string, number>>;
  /** The latest position of all writes. */
  readonly token: string | undefined;
}

export const NOTHING_YET: LoadTally = { accepted: 0, duplicates: 0, rejected: 0, warnings: {}, token: undefined };

export function itemsOf(tally: Pick<LoadTally, 'accepted' | 'duplicates' | 'rejected'>): number {
  return tally.accepted + tally.duplicates + tally.rejected;
}

export function addOutcome(tally: LoadTally, outcome: ChunkOutcome): LoadTally {
  const warnings = { ...tally.warnings };
  for (const [code, count] of Object.entries(outcome.warnings)) warnings[code] = (warnings[code] ?? 0) + count;
  return {
    accepted: tally.accepted + outcome.accepted,
    duplicates: tally.duplicates + outcome.duplicates,
    rejected: tally.rejected + outcome.rejected,
    warnings,
    token: later(tally.token, outcome.token),
  };
}

/** Positions are of fixed width and sort as text. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
