import { refusalsStream, TesseraError, type Position } from '#core';
import type { EventLog } from '#event-log';
import { ITEMS_REFUSED, type IngestMetadata, type ItemsRefused } from '#profile';

/**
 * Keeps how many items of a request were refused and why, so that their dataset can tell. Throws what the log failed
 * with: then the request is not acknowledged, like any other write that may or may not have happened.
 */
export async function logRefusals(
  log: EventLog,
  { sandbox, dataset }: Pick<IngestMetadata, 'sandbox' | 'dataset'>,
  { codes }: ItemsRefused,
  stamp: { readonly id: string; readonly ingestedAt: number; readonly requestId: string },
): Promise<Position> {
  const { id, ...times } = stamp;
  const event = { id, type: ITEMS_REFUSED, data: JSON.stringify({ codes } satisfies ItemsRefused) };
  const [outcome] = await log.append({
    common: { sandbox, dataset, ...times, v: 1 },
    writes: [{ stream: refusalsStream(sandbox, dataset), expected: 'any', events: [event] }],
  });
  if (outcome?.outcome === 'written') return outcome.position;
  if (outcome?.outcome === 'unknown') throw outcome.error;
  throw new TesseraError('INTERNAL', 'The log refused a write without a condition.');
}
