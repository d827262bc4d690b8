import { readFileSync } from 'node:fs';

/** The most memory that a running process has ever had, in bytes; `undefined` where the system does not tell. */
export function peakMemoryOf(processId: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
