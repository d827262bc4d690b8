import { TesseraError } from '#core';

import { checkAppendRequest } from '../../append-request.js';
import type { AppendRequest, WriteOutcome } from '../../event-log.js';
import { AppendQueue, type QueuedWrite, type Settled } from './append-queue.js';
import { deleteStream } from './delete-stream.js';
import { bytesOf, EventEncoder } from './event-records.js';
import { GroupAppend, type AppendContext } from './group-append.js';
import { InFlight } from './in-flight.js';

/** What the server takes in one append; a write is one append. */
const MAX_WRITE_BYTES = 1_048_576;

interface EncodedWrite extends Omit<QueuedWrite, 'settle'> {
  readonly stream: string;
}

/** Everything that this process writes. */
export class Appends {
  readonly #inFlight = new InFlight();
  readonly #queue: AppendQueue;
  #bytesWaiting = 0;

  constructor(
    private readonly context: AppendContext,
    private readonly maxBytesWaiting: number,
  ) {
    this.#queue = new AppendQueue((group, revision) =>
      this.#inFlight.run(group.bytes, () => new GroupAppend(group, context).run(revision)),
    );
  }

  async append(request: AppendRequest): Promise<readonly WriteOutcome[]> {
    const bytes = checkAppendRequest(request);
    const writes = encode(request);
    // Alone it goes through whatever its size: it could never be sent otherwise.
    if (this.#bytesWaiting > 0 && this.#bytesWaiting + bytes > this.maxBytesWaiting) {
      throw new TesseraError('TOO_MANY_REQUESTS', 'The event log cannot keep up');
    }
    this.#bytesWaiting += bytes;
    const settled = await Promise.all(writes.map((write) => this.#write(write)));
    this.#bytesWaiting -= bytes;
    return outcomes(settled);
  }

  /** Deletes between the appends that were called before and after. */
  deleteStream(stream: string): Promise<boolean> {
    return this.#queue.task(stream, () => deleteStream(this.context, stream));
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  #write({ stream, ...write }: EncodedWrite): Promise<Settled> {
    return new Promise((settle) => this.#queue.write(stream, { ...write, settle }));
  }
}

/** Throws `EVENT_TOO_LARGE` when a write is over what an append can carry: sent, it would end the appends beside it. */
function encode({ common, writes }: AppendRequest): EncodedWrite[] {
  const encoder = new EventEncoder(common);
  const since = Date.now();
  return writes.map(({ stream, expected, events }) => {
    const encoded = events.map((event) => encoder.encode(event));
    const bytes = encoded.reduce((sum, event) => sum + bytesOf(event), 0);
    if (bytes > MAX_WRITE_BYTES) {
      throw new TesseraError('EVENT_TOO_LARGE', `${stream}: a write of ${bytes} bytes is over ${MAX_WRITE_BYTES}`);
    }
    return { stream, expected, events: encoded, bytes, since };
  });
}

/** Throws when nothing at all was written. Beside others that were, what failed is told as the reason of not knowing. */
function outcomes(settled: readonly Settled[]): WriteOutcome[] {
  const failed = settled.filter((it) => it.outcome === 'failed');
  if (failed[0] !== undefined && failed.length === settled.length) throw failed[0].error;
  return settled.map((it) => (it.outcome === 'failed' ? { outcome: 'unknown', error: it.error } : it));
}
