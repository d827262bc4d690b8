import { afterAll, beforeAll, describe } from '@jest/globals';

import { hasTestMongo, testMongo, type TestMongo } from './test-mongo.js';

/** Its tests count as skipped, under their names, where there is no server. */
export function describeWithMongo(name: string, tests: (url: () => string) => void): void {
  const describeOrSkip = hasTestMongo ? describe : describe.skip;
  describeOrSkip(name, () => {
    let server: TestMongo | undefined;
    beforeAll(async () => {
      server = await testMongo();
    });
    afterAll(() => server?.stop());

    tests(() => {
      if (server === undefined) throw new Error('there is no server for tests');
      return server.url;
    });
  });
}
