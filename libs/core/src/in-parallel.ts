/**
 * Works on all of them, so many at a time. After a failure nothing more is begun; rejects with the first one once
 * everything that was begun has ended: nothing goes on behind the back of whoever tries again.
 */
export async function inParallel<T>(items: Iterable<T>, most: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const next = left.values();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (const item of next) {
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, left.length) }, lane));
  if (failure !== undefined) throw failure.error;
}
