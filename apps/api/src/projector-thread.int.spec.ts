import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';

import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';

import { ProjectorThread } from './projector-thread.js';

const READY = `parentPort.postMessage({ type: 'ready' });`;
const WAIT_FOR_STOP = `parentPort.on('message', ({ type }) => { if (type === 'stop') parentPort.close(); });`;
const FAILED = `parentPort.postMessage({ type: 'failed', code: 'FENCED', message: 'another took over' });`;
const IDLE = `setInterval(() => {}, 1_000);`;

describe('the thread of the projector', () => {
  let thread: ProjectorThread;
  let reports: PassThrough;

  const threadThat = (...does: string[]): ProjectorThread => {
    reports = new PassThrough({ encoding: 'utf8' });
    const source = `import { parentPort, workerData } from 'node:worker_threads'; ${does.join(' ')}`;
    thread = new ProjectorThread({
      entry: new URL(`data:text/javascript,${encodeURIComponent(source)}`),
      namingSecretHex: '00'.repeat(32),
      logLevel: 'info',
      logger: pino({ base: {} }, reports),
      share: () => ({ settings: { dataDir: 'anywhere' }, holder: 'me', logPort: new MessageChannel().port1 }),
    });
    return thread;
  };
  const report = async () => JSON.parse(String((await once(reports, 'data'))[0])) as Record<string, unknown>;

  afterEach(() => thread.stop());

  it('is down until it says that it is ready', async () => {
    const starting = threadThat(READY, WAIT_FOR_STOP);
    expect(starting.notRunning()).toBe('the projector is starting');
    await starting.start();
    expect(starting.notRunning()).toBeUndefined();
  });

  it('gets what it needs to reach the engines', async () => {
    const engines = `workerData.engines.settings.dataDir === 'anywhere' && workerData.engines.logPort.postMessage`;
    const complete = `${engines} && workerData.engines.holder === 'me' && workerData.logLevel === 'info'`;
    await threadThat(`if (${complete} && workerData.namingSecretHex.length === 64) ${READY}`, WAIT_FOR_STOP).start();
    expect(thread.notRunning()).toBeUndefined();
  });

  it('is started again when it ends by itself, every time', async () => {
    await threadThat(READY, 'process.exit(3);').start();
    for (const attempt of [0, 1, 2]) {
      expect(await report()).toMatchObject({
        msg: 'the projector has stopped',
        attempt,
        reason: 'its thread ended with code 3',
      });
      expect(thread.notRunning()).toMatch(/started again/);
    }
  });

  it('is started again when it throws', async () => {
    await threadThat(READY, `throw new Error('out of cheese');`).start();
    expect(await report()).toMatchObject({ reason: expect.stringContaining('out of cheese') as unknown });
  });

  it('that fails to come up does not keep the service from starting', async () => {
    await threadThat(FAILED, IDLE).start();
    expect(await report()).toMatchObject({ msg: 'the projector has failed' });
    expect(thread.notRunning()).toMatch(/another took over \(FENCED\)/);
  });

  it('that fails later goes on with what it can, and says so', async () => {
    await threadThat(READY, FAILED, WAIT_FOR_STOP).start();
    expect(await report()).toMatchObject({ msg: 'the projector has failed', reason: 'another took over (FENCED)' });
    expect(thread.notRunning()).toBe('the projector has failed: another took over (FENCED)');
  });

  it('stops when it is told', async () => {
    await threadThat(READY, WAIT_FOR_STOP).start();
    await thread.stop();
    expect(thread.notRunning()).toBe('the projector is stopping');
  });
});
