import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { built } from '../support/built.js';
import type * as ServiceProcesses from './service-process.js';

/** As it was built: it starts the service beside it. */
const { withServiceProcess } = (await import(built('test/bench/service-process.js').href)) as typeof ServiceProcesses;

describe('a service that the bench has started', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is ended when what was to be measured fails, with that failure', async () => {
    let url = '';
    const work = withServiceProcess(folder, 0, { choice: 'embedded', env: {} }, async (service) => {
      url = service.url;
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      throw new Error('nothing was measured');
    });
    await expect(work).rejects.toThrow('nothing was measured');
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});
