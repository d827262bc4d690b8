import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

import type { LogFileOptions } from './log-file.js';
import { toLogError } from './sqlite-errors.js';
import { WriterHost } from './writer-host.js';
import type { ThreadCommand, ThreadReport } from './writer.js';

/** Entry of the thread that the writer has to itself: waiting for the disk must not hold up requests. */
function run(parent: MessagePort, options: LogFileOptions): void {
  const report = (message: ThreadReport): void => parent.postMessage(message);
  let host: WriterHost;
  try {
    host = new WriterHost(options);
  } catch (error) {
    const { code, message } = toLogError(error);
    report({ kind: 'refused', code, message });
    return;
  }
  parent.on('message', (command: ThreadCommand) => {
    if (command.kind === 'connect') return host.connect(command.port);
    host.close();
    parent.close();
  });
  report({ kind: 'open' });
}

if (parentPort !== null) run(parentPort, workerData as LogFileOptions);
