import type { JobAnswer } from '../service/answers.js';
import { standardError, startProgress, whole } from '../terminal/progress.js';

/** A bar for as long as `work` follows a job. */
export async function withJobProgress<T>(
  label: string,
  work: (show: (job: JobAnswer) => void) => Promise<T>,
): Promise<T> {
  const progress = startProgress(label, standardError);
  try {
    return await work((job) => {
      const { ratio, remainingSeconds, phase, done } = job.progress ?? {};
      const text = [phase ?? job.state, done === undefined ? '' : whole(done)].join(' ').trimEnd();
      progress.update({ ratio: job.state === 'succeeded' ? 1 : ratio, remainingSeconds, text });
    });
  } finally {
    progress.stop();
  }
}
