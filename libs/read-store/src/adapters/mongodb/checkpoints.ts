import { TesseraError } from '#core';

import type { Checkpoint, Commit, ProjectionVersion } from '../../read-store.js';
import { nameOf } from './collections.js';
import type { Connection } from './connection.js';
import { VERSIONS, type VersionRecord } from './version-record.js';

/** How far each version has come and who may write it. */
export class Checkpoints {
  constructor(private readonly connection: Connection) {}

  async read(version: ProjectionVersion): Promise<Checkpoint | undefined> {
    const record = await this.#records.findOne(
      { _id: nameOf(version), claimed: true },
      { projection: { position: 1, epoch: 1, ingestedAt: 1 } },
    );
    return record === null ? undefined : checkpointOf(record);
  }

  /** Raises the epoch of a deployed version. Throws `FENCED` when it was claimed under a later token. */
  async claim(version: ProjectionVersion, token: number): Promise<Checkpoint> {
    const record = await this.#records.findOneAndUpdate(
      { _id: nameOf(version), state: 'ready', token: { $lte: token } },
      { $inc: { epoch: 1 }, $set: { token, claimed: true } },
      { returnDocument: 'after' },
    );
    if (record !== null) return checkpointOf(record);
    throw new TesseraError('FENCED', `${nameOf(version)} was claimed under a later lease than ${token}`);
  }

  /**
   * Never back: a commit that comes late leaves position and time as they are. Throws `FENCED` when the version was claimed
   * again or dropped since.
   */
  async advance(version: ProjectionVersion, { epoch, position, ingestedAt }: Commit): Promise<void> {
    const mine = { _id: nameOf(version), state: 'ready', claimed: true, epoch } as const;
    const { matchedCount } = await this.#records.updateOne(
      { ...mine, position: { $lte: position } },
      { $set: { position, ...(ingestedAt !== undefined && { ingestedAt }) } },
    );
    if (matchedCount > 0) return;
    const record = await this.#records.findOne({ _id: mine._id });
    requireEpoch(version, record ?? undefined, epoch);
  }

  get #records() {
    return this.connection.records<VersionRecord>(VERSIONS);
  }
}

/** Throws `FENCED` unless this is the epoch of the last claim. */
export function requireEpoch(version: ProjectionVersion, record: VersionRecord | undefined, epoch: number): void {
  const current = record?.claimed === true ? record.epoch : undefined;
  if (current === epoch) return;
  const actual = current === undefined ? 'nobody has claimed it' : `it is at epoch ${current}`;
  throw new TesseraError('FENCED', `${nameOf(version)} is not at epoch ${epoch}: ${actual}`);
}

function checkpointOf({
  position,
  epoch,
  ingestedAt,
}: Pick<VersionRecord, 'position' | 'epoch' | 'ingestedAt'>): Checkpoint {
  return { position, epoch, ...(ingestedAt !== undefined && { ingestedAt }) };
}
