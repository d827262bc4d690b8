import type { ComputedReport } from './run-computed.js';
import { READ_EVENTS } from './run-computed.js';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const milliseconds = (value: number): string => value.toFixed(1);

/** One line for each number of attributes; CPU time is compared with the first line, which has none. */
export function computedMarkdown(reports: readonly ComputedReport[]): string {
  const [first] = reports;
  const lines = reports.map((report) => {
    const { cpuPerEvent } = report;
    const least = first?.cpuPerEvent;
    const more = cpuPerEvent === undefined || least === undefined ? undefined : cpuPerEvent - least;
    const bytes = report.readStorePerEvent;
    const cells = [
      String(report.attributes),
      whole(report.visiblePerSecond),
      more === undefined ? '-' : `${(cpuPerEvent as number).toFixed(1)} us (${more < 0 ? '' : '+'}${more.toFixed(1)})`,
      bytes === undefined ? '-' : whole(bytes),
      `${milliseconds(report.read.p50)} / ${milliseconds(report.read.p99)} / ${milliseconds(report.read.max)} ms`,
      whole(report.rebuildPerSecond),
      `${whole(report.publishPerSecond)} (${((100 * report.publishPerSecond) / report.rebuildPerSecond).toFixed(0)}%)`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| attributes | visible events/s | CPU per event | read store, bytes per event | ' +
      `read of ${whole(READ_EVENTS)} events, p50 / p99 / max | rebuild, events/s | publish, events/s (of rebuild) |`,
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
