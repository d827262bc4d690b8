import { randomUUID } from 'node:crypto';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

import { isTesseraError, namingSecret } from '#core';
import { attachEngines } from '#engines';
import { createLogger, type Logger, type LogLevel } from '#observability';
import { Projector } from '#projection';
import { batchesProjection, catalogProjection, profileProjection } from '#read-models';

/** What the thread that starts the projector hands over. */
export interface ProjectorWorkerData {
  readonly dataDir: string;
  readonly logPort: MessagePort;
  /** See `NamingSecret.hex`. */
  readonly namingSecretHex: string;
  readonly logLevel: LogLevel;
}

/** What the projector tells the thread that started it. */
export type ProjectorMessage =
  { readonly type: 'ready' } | { readonly type: 'failed'; readonly code: string; readonly message: string };

function tell(message: ProjectorMessage): void {
  parentPort?.postMessage(message);
}

function fail(error: unknown): void {
  const code = isTesseraError(error) ? error.code : 'INTERNAL';
  tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
}

async function main({ dataDir, logPort, namingSecretHex }: ProjectorWorkerData, logger: Logger): Promise<void> {
  const engines = await attachEngines({ dataDir, logPort });
  const secret = namingSecret(namingSecretHex);
  const projector = new Projector({
    log: engines.eventLog,
    store: engines.readStore,
    projections: [profileProjection(secret), catalogProjection(), batchesProjection()],
    newId: randomUUID,
    report: (message, details, error) => {
      if (error === undefined) logger.info(details, message);
      else logger.warn({ ...details, err: error }, message);
    },
    onFailed: (_projection, error) => fail(error),
  });
  // The only thing it is ever told is to stop.
  parentPort?.once('message', () => {
    void projector
      .stop()
      .then(() => engines.close())
      .catch((error: unknown) => logger.error({ err: error }, 'the projector did not stop cleanly'))
      .finally(() => parentPort?.close());
  });
  await projector.start();
  tell({ type: 'ready' });
}

const data = workerData as ProjectorWorkerData;
const logger = createLogger(data.logLevel, 'projector');
main(data, logger).catch((error: unknown) => {
  logger.error({ err: error }, 'the projector did not start');
  fail(error);
});
