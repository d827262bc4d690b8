import type { EventLog } from '#event-log';
import type { Metrics } from '#observability';

/** The same log; how long its appends take goes to the metrics. */
export function measuredEventLog(log: EventLog, metrics: Metrics): EventLog {
  return {
    append: async (request) => {
      const startedAt = performance.now();
      const outcomes = await log.append(request);
      metrics.observeAppend((performance.now() - startedAt) / 1_000);
      return outcomes;
    },
    deleteStream: (stream) => log.deleteStream(stream),
    readStream: (stream, options) => log.readStream(stream, options),
    subscribe: (options) => log.subscribe(options),
    head: () => log.head(),
    distance: (from, to) => log.distance(from, to),
    close: () => log.close(),
  };
}
