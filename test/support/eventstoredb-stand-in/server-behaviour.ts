import { afterAll, beforeAll, describe } from '@jest/globals';

import { appendBehaviour } from './append.behaviour.js';
import { deleteBehaviour } from './delete.behaviour.js';
import { readBehaviour } from './read.behaviour.js';
import { repeatBehaviour } from './repeat.behaviour.js';
import { newPrefix, newSession, type ServerUnderTest, type Session } from './server-under-test.js';
import { subscribeBehaviour } from './subscribe.behaviour.js';

/** What the stand-in and the real server must do alike. Every spec keeps to streams of its own. */
export function serverBehaviour(name: string, openServer: () => Promise<ServerUnderTest>): void {
  describe(name, () => {
    let server: ServerUnderTest;
    let shared: Session;
    beforeAll(async () => {
      server = await openServer();
      shared = newSession(server);
    });
    afterAll(async () => {
      await shared.client.dispose();
      await server.stop();
    });
    // One client for all: the real one keeps one table of pending appends for the whole process.
    const session = (): Session => ({ ...shared, prefix: newPrefix() });

    appendBehaviour(session);
    repeatBehaviour(session);
    readBehaviour(session);
    subscribeBehaviour(session);
    deleteBehaviour(session);
  });
}
