import { type ProgressOutput, startProgress, whole } from '../terminal/progress.js';
import type { Source } from './source.js';
import { itemsOf, type LoadTally } from './tally.js';

/** What a load says of itself while it runs. */
export interface LoadProgress {
  readonly tally: (tally: LoadTally) => void;
  readonly retry: (reason: string, waitMs: number) => void;
  readonly waiting: (lagSeconds: number) => void;
}

/** Shows how much of the source has been read, items and rate, for as long as `work` runs. */
export async function withLoadProgress<T>(
  source: Source,
  output: ProgressOutput,
  work: (progress: LoadProgress) => Promise<T>,
): Promise<T> {
  const started = output.now();
  const shown = startProgress('loading', output);
  let items = 0;
  const show = (text: string): void => {
    const read = source.totalBytes === undefined ? undefined : source.bytesRead() / Math.max(source.totalBytes, 1);
    // What has been read is not yet there: only the end of the work is the end.
    const ratio = read === undefined ? undefined : Math.min(read, 0.99);
    shown.update({ ratio, text: `${whole(items)} items  ${text}` });
  };
  try {
    const result = await work({
      tally(tally) {
        items = itemsOf(tally);
        show(`${whole(items / ((output.now() - started) / 1000))}/s`);
      },
      retry: (reason, waitMs) => show(`again in ${(waitMs / 1000).toFixed(1)} s: ${reason}`),
      waiting: (lag) => show(`waiting until visible, ${whole(lag)} s behind`),
    });
    shown.update({ ratio: 1, text: `${whole(items)} items` });
    return result;
  } finally {
    shown.stop();
  }
}

/** One line that says what came of it. */
export function loadSummary(tally: LoadTally, seconds: number): string {
  const items = itemsOf(tally);
  const warnings = Object.entries(tally.warnings).map(([code, count]) => `${whole(count)} with the warning ${code}`);
  const parts = [
    `${whole(tally.accepted)} accepted`,
    `${whole(tally.duplicates)} there already`,
    `${whole(tally.rejected)} refused`,
    ...warnings,
  ];
  return `${whole(items)} items in ${seconds.toFixed(1)} s (${whole(items / seconds)}/s): ${parts.join(', ')}`;
}
