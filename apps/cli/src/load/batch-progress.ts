import type { BatchAnswer } from '../service/answers.js';
import { type Progress, type ProgressOutput, startProgress, whole } from '../terminal/progress.js';
import type { UploadSource } from './upload-source.js';

export interface BatchProgress {
  readonly show: (batch: BatchAnswer | undefined) => void;
  readonly retry: (reason: string, waitMs: number) => void;
}

/** A bar for each step of a batch, for as long as `work` runs: how much of the file has gone, then how many rows. */
export async function withBatchProgress<T>(
  source: UploadSource,
  output: ProgressOutput,
  work: (progress: BatchProgress) => Promise<T>,
): Promise<T> {
  const bars = new Bars(output);
  try {
    return await work({
      show: (batch) => (batch === undefined ? showUpload(bars, source) : showBatch(bars, batch)),
      retry: (reason, waitMs) => bars.note(`again in ${(waitMs / 1000).toFixed(1)} s: ${reason}`),
    });
  } finally {
    bars.stop();
  }
}

class Bars {
  #step = '';
  #bar: Progress | undefined;
  #started = 0;

  constructor(private readonly output: ProgressOutput) {}

  update(step: string, ratio: number | undefined, text: (seconds: number) => string): void {
    if (step !== this.#step) {
      this.stop();
      this.#step = step;
      this.#started = this.output.now();
      this.#bar = startProgress(step, this.output);
    }
    this.#bar?.update({ ratio, text: text((this.output.now() - this.#started) / 1000) });
  }

  note(text: string): void {
    this.#bar?.update({ ratio: undefined, text });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

function showUpload(bars: Bars, source: UploadSource): void {
  const sent = source.bytesRead();
  const ratio = source.totalBytes === undefined ? undefined : sent / Math.max(source.totalBytes, 1);
  bars.update('uploading', ratio, (seconds) => `${megabytes(sent)} MB  ${megabytes(sent / seconds)} MB/s`);
}

function showBatch(bars: Bars, { status, rows }: BatchAnswer): void {
  if (status === 'received') return bars.update('waiting', undefined, () => 'until others are done');
  if (status === 'validating') return bars.update('validating', undefined, (seconds) => `${Math.floor(seconds)} s`);
  const done = rows.accepted + rows.duplicates;
  const all = rows.read - rows.rejected;
  // Success comes once the rows are visible; everything in the log is not yet that.
  const ratio = status === 'processing' ? Math.min(done / Math.max(all, 1), 0.99) : 1;
  bars.update('loading', ratio, (seconds) => `${whole(done)} rows  ${seconds > 0 ? whole(done / seconds) : 0}/s`);
}

function megabytes(bytes: number): string {
  return Number.isFinite(bytes) ? (bytes / 1024 / 1024).toFixed(1) : '0.0';
}
