import { fragmentStream, type Identity, type NamingSecret, type SandboxId } from '#core';
import { eventIds, type AppendRequest } from '#event-log';
import { encodeLifecycle, type LifecycleEvent, type LifecycleMetadata } from '#profile';

/** A fragment by what its stream is named after. */
export interface FragmentOf {
  readonly dataset: string;
  readonly owner: Identity;
}

export interface LifecycleOptions {
  readonly secret: NamingSecret;
  readonly sandbox: SandboxId;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Of the request or the job. */
  readonly requestId: string;
}

/** Writes in one append: small ones, so that other appends are not kept waiting. */
const WRITES_PER_APPEND = 500;

/**
 * The appends that let the same happen to every one of these fragments: delete, backfill, revert of a batch. Each event
 * goes to the end of its stream, whatever is there. May be repeated as a whole or in part: a second event like it is
 * without effect.
 *
 * Whoever deletes waits first until the profile projection has reached the head that it saw (ADR 0005), so that items
 * which are resent afterwards are not taken for repeats of what is about to go.
 */
export function lifecycleAppends(
  { secret, sandbox, now, requestId }: LifecycleOptions,
  fragments: readonly FragmentOf[],
  event: LifecycleEvent,
): readonly AppendRequest[] {
  const common: Omit<LifecycleMetadata, 'dataset'> = { sandbox, ingestedAt: now, requestId, v: 1 };
  const requests: AppendRequest[] = [];
  for (let from = 0; from < fragments.length; from += WRITES_PER_APPEND) {
    const part = fragments.slice(from, from + WRITES_PER_APPEND);
    const ids = eventIds(part.length);
    const writes = part.map(({ dataset, owner }, index) => ({
      stream: fragmentStream(secret, sandbox, dataset, owner),
      expected: 'any' as const,
      events: [{ id: ids[index] as string, ...encodeLifecycle(owner, event), metadata: { dataset } }],
    }));
    requests.push({ common: { ...common }, writes });
  }
  return requests;
}
