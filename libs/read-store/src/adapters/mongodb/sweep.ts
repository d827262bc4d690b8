import { EPOCH, GONE, POSITION, TOMBSTONE_INDEX, type MongoCollection } from './collections.js';
import type { Connection } from './connection.js';
import type { VersionRecord } from './version-record.js';

/** A request that stays short. */
const TOMBSTONES_A_STEP = 2_000;

/** Removes tombstones that the checkpoint has passed and that an earlier epoch wrote; answers how many. */
export async function sweepCollection(
  connection: Connection,
  { name }: MongoCollection,
  { epoch, position }: VersionRecord,
): Promise<number> {
  const documents = connection.documents(name);
  const sweepable = { [GONE]: true, [EPOCH]: { $lt: epoch }, [POSITION]: { $lte: position } };
  for (let swept = 0; ;) {
    const some = await documents
      .find(sweepable, {
        projection: { _id: 1 },
        hint: TOMBSTONE_INDEX,
        limit: TOMBSTONES_A_STEP,
        batchSize: TOMBSTONES_A_STEP,
      })
      .toArray();
    // Once more with the condition: one of them may have begun anew meanwhile.
    const { deletedCount } = await documents.deleteMany({ ...sweepable, _id: { $in: some.map(({ _id }) => _id) } });
    swept += deletedCount;
    if (some.length < TOMBSTONES_A_STEP) return swept;
  }
}
