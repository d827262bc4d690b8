import { parentPort, workerData } from 'node:worker_threads';

import { isTesseraError, namingSecret } from '#core';
import { attachEngines, type EngineShare } from '#engines';
import { createLogger, type Logger, type LogLevel } from '#observability';

import { reporting, surviveKnownRejections } from './reporting.js';
import { runProjections } from './run-projections.js';

/** What the thread that starts the projector hands over. */
export interface ProjectorWorkerData {
  readonly engines: EngineShare;
  /** See `NamingSecret.hex`. */
  readonly namingSecretHex: string;
  readonly logLevel: LogLevel;
}

/** What the projector tells the thread that started it. */
export type ProjectorMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'standby' }
  | { readonly type: 'down'; readonly reason: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

function tell(message: ProjectorMessage): void {
  parentPort?.postMessage(message);
}

function fail(error: unknown): void {
  const code = isTesseraError(error) ? error.code : 'INTERNAL';
  tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
}

async function main(data: ProjectorWorkerData, logger: Logger): Promise<void> {
  const stopping = new AbortController();
  // The only thing it is ever told is to stop.
  parentPort?.once('message', () => stopping.abort());
  const report = reporting(logger);
  const engines = await attachEngines(data.engines, report);
  try {
    const secret = namingSecret(data.namingSecretHex);
    await runProjections(
      { ...engines, namingSecret: secret, holder: data.engines.holder },
      {
        report,
        onReady: () => tell({ type: 'ready' }),
        onStandby: () => tell({ type: 'standby' }),
        onDown: (reason) => tell({ type: 'down', reason }),
        onFailed: (_projection, error) => fail(error),
      },
      stopping.signal,
    );
  } finally {
    await engines.close();
  }
}

const data = workerData as ProjectorWorkerData;
const logger = createLogger(data.logLevel, 'projector');
surviveKnownRejections(logger);
main(data, logger)
  .catch((error: unknown) => {
    logger.error({ err: error }, 'the projector has ended');
    fail(error);
  })
  .finally(() => parentPort?.close());
