import { MongoClient, type Collection } from 'mongodb';

/** How far each view has come, by its record in the read store. */
export type StoredCheckpoints = ReadonlyMap<string, string>;

interface CheckpointRecord {
  readonly _id: string;
  position: string;
}

export async function readCheckpoints(url: string): Promise<StoredCheckpoints> {
  return withRecords(url, async (records) => {
    const found = await records.find({}).toArray();
    return new Map(found.map(({ _id, position }) => [_id, position]));
  });
}

/** Resolves when one of them has moved on since. */
export async function untilMoved(url: string, since: StoredCheckpoints): Promise<void> {
  while ([...(await readCheckpoints(url))].every(([name, position]) => since.get(name) === position)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As if what the views did since then had not reached the checkpoints: it is delivered once more. */
export async function putCheckpointsBack(url: string, checkpoints: StoredCheckpoints): Promise<void> {
  await withRecords(url, async (records) => {
    for (const [_id, position] of checkpoints) await records.updateOne({ _id }, { $set: { position } });
  });
}

async function withRecords<T>(url: string, work: (records: Collection<CheckpointRecord>) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await work(client.db().collection<CheckpointRecord>('versions'));
  } finally {
    await client.close();
  }
}
