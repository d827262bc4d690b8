import { checkAppendRequest } from './append-request.js';
import type { EventLog, EventPage, RecordedEvent } from './event-log.js';

/**
 * The same log for one of several services that share a server: all its streams are named with a prefix that nobody sees
 * outside. Positions, head and distance stay those of the whole log.
 */
export function withStreamPrefix(log: EventLog, prefix: string): EventLog {
  if (prefix === '') return log;
  const bare = (event: RecordedEvent): RecordedEvent => ({ ...event, stream: event.stream.slice(prefix.length) });
  return {
    append: async (request) => {
      // With a prefix no name is empty any more.
      checkAppendRequest(request);
      const writes = request.writes.map((write) => ({ ...write, stream: prefix + write.stream }));
      return log.append({ ...request, writes });
    },
    readStream: async (stream, options) => {
      const slice = await log.readStream(prefix + stream, options);
      return { ...slice, events: slice.events.map(bare) };
    },
    subscribe: (options) => {
      const pages = log.subscribe({ ...options, prefixes: options.prefixes.map((it) => prefix + it) });
      return mapPages(pages, (page) => ({ ...page, events: page.events.map(bare) }));
    },
    deleteStream: (stream) => log.deleteStream(prefix + stream),
    head: () => log.head(),
    distance: (from, to) => log.distance(from, to),
    close: () => log.close(),
  };
}

async function* mapPages(
  pages: AsyncIterable<EventPage>,
  map: (page: EventPage) => EventPage,
): AsyncGenerator<EventPage, void, undefined> {
  for await (const page of pages) yield map(page);
}
