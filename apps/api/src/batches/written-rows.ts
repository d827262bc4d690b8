import type { RowEventIds } from '#batch';
import type { EventLogReader } from '#event-log';

/** A row is never written before its batch was accepted; clocks of one machine are set back by less. */
const CLOCK_SLACK_MILLISECONDS = 60_000;
const PAGE_EVENTS = 200;

/**
 * Which rows of a batch are in the log already, when it is not known how far a pass came that was broken off. Reads the
 * newest events of the streams that are asked for, each stream once.
 */
export class WrittenRows {
  readonly #seen = new Set<string>();
  readonly #rows = new Set<number>();

  constructor(
    private readonly log: EventLogReader,
    private readonly ids: RowEventIds,
    /** When the second pass began, epoch milliseconds. */
    private readonly acceptedAt: number,
  ) {}

  /** Looks at the streams; afterwards `has` answers for the rows that go there. */
  async look(streams: Iterable<string>): Promise<void> {
    for (const stream of streams) {
      if (this.#seen.has(stream)) continue;
      this.#seen.add(stream);
      await this.#read(stream);
    }
  }

  has(row: number): boolean {
    return this.#rows.has(row);
  }

  async #read(stream: string): Promise<void> {
    for (let from: number | undefined; ;) {
      const page = { direction: 'backwards', limit: PAGE_EVENTS, ...(from !== undefined && { from }) } as const;
      const { events, next } = await this.log.readStream(stream, page);
      for (const { id, metadata } of events) {
        if (Number(metadata['ingestedAt']) < this.acceptedAt - CLOCK_SLACK_MILLISECONDS) return;
        const row = this.ids.rowOf(id);
        if (row !== undefined) this.#rows.add(row);
      }
      if (next === undefined) return;
      from = next;
    }
  }
}
