import { POSITION_START, TesseraError, type Position } from '#core';

import type { Checkpoint, ProjectionVersion } from '../../read-store.js';
import type { Connection, SqlValue } from './connection.js';
import { decodePosition, encodePosition } from './values.js';

/**
 * How far each version has come and who may write it. The row of a dropped version stays, without a position: the epoch
 * goes on rising when the version is deployed again, and whoever wrote it before remains fenced.
 */
export class Checkpoints {
  constructor(private readonly connection: Connection) {}

  read({ projection, version }: ProjectionVersion): Checkpoint | undefined {
    const row = this.connection
      .prepare(
        'SELECT position, epoch, ingested_at FROM checkpoints ' +
          'WHERE projection = ? AND version = ? AND position IS NOT NULL',
      )
      .get(projection, version);
    return row && checkpointOf(row);
  }

  /**
   * Raises the epoch and keeps the position at which that happened, for `sweepable`. Throws `FENCED` when it was claimed
   * under a later token.
   */
  claim({ projection, version }: ProjectionVersion, token: number): Checkpoint {
    const start = encodePosition(POSITION_START);
    const row = this.connection
      .prepare(
        'INSERT INTO checkpoints (projection, version, epoch, token, position, claimed_at) VALUES (?, ?, 1, ?, ?, ?) ' +
          'ON CONFLICT DO UPDATE SET epoch = epoch + 1, token = excluded.token, ' +
          'position = coalesce(position, excluded.position), claimed_at = coalesce(position, excluded.position) ' +
          'WHERE token <= excluded.token RETURNING position, epoch, ingested_at',
      )
      .get(projection, version, token, start, start);
    if (row !== undefined) return checkpointOf(row);
    throw new TesseraError('FENCED', `${projection} v${version} was claimed under a later lease than ${token}`);
  }

  /** Throws `FENCED` unless this is the epoch of the last claim. */
  requireEpoch(version: ProjectionVersion, epoch: number): void {
    const current = this.read(version)?.epoch;
    if (current === epoch) return;
    const actual = current === undefined ? 'nobody has claimed it' : `it is at epoch ${current}`;
    throw new TesseraError('FENCED', `${version.projection} v${version.version} is not at epoch ${epoch}: ${actual}`);
  }

  /** Never back: a commit that comes late leaves position and time as they are. */
  advance({ projection, version }: ProjectionVersion, position: Position, ingestedAt: number | undefined): void {
    const stored = encodePosition(position);
    this.connection
      .prepare(
        'UPDATE checkpoints SET position = ?, ingested_at = coalesce(?, ingested_at) ' +
          'WHERE projection = ? AND version = ? AND position <= ?',
      )
      .run(stored, ingestedAt ?? null, projection, version, stored);
  }

  /**
   * Up to here tombstones were written under an earlier epoch than that of the last claim, since a commit writes its
   * documents and its checkpoint together.
   */
  sweepable({ projection, version }: ProjectionVersion): SqlValue {
    const row = this.connection
      .prepare('SELECT claimed_at FROM checkpoints WHERE projection = ? AND version = ?')
      .get(projection, version);
    return row?.[0] ?? encodePosition(POSITION_START);
  }

  remove({ projection, version }: ProjectionVersion): void {
    this.connection
      .prepare(
        'UPDATE checkpoints SET position = NULL, claimed_at = NULL, ingested_at = NULL ' +
          'WHERE projection = ? AND version = ?',
      )
      .run(projection, version);
  }
}

function checkpointOf([position, epoch, ingestedAt]: readonly (SqlValue | undefined)[]): Checkpoint {
  return {
    position: decodePosition(position),
    epoch: epoch as number,
    ...(typeof ingestedAt === 'number' && { ingestedAt }),
  };
}
