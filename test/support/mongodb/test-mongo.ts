/** A server for tests; each uses a database of its own. */
export interface TestMongo {
  readonly url: string;
  stop(): Promise<void>;
}

const given = process.env['MONGODB_URL'];
const download = process.env['TESSERA_TEST_MONGOD'] === 'download';

/** Whether tests can have a server. */
export const hasTestMongo = Boolean(given) || download;

/**
 * The server at `MONGODB_URL`; else, with `TESSERA_TEST_MONGOD=download`, a `mongod` of its own, which is downloaded the
 * first time (`MONGOMS_SYSTEM_BINARY` names one that is there already); else `undefined`.
 */
export async function testMongo(): Promise<TestMongo | undefined> {
  if (given) return { url: given, stop: async () => {} };
  if (!download) return undefined;
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create();
  return {
    url: server.getUri(),
    stop: async () => {
      await server.stop();
    },
  };
}
