import { decodeCursor, encodeCursor } from '../common/cursor.js';
import type { Page, PageRequest } from '../common/page.js';

/** The entities behind the cursor, in the order of their keys. Throws `INVALID_CURSOR`. */
export function listPage<T>(entities: ReadonlyMap<string, T>, { limit, cursor }: PageRequest): Page<T> {
  const [after] = cursor === undefined ? [''] : decodeCursor(cursor, 'string');
  const behind = [...entities.keys()].filter((key) => key > after).sort();
  const keys = behind.slice(0, limit);
  const items = keys.map((key) => entities.get(key) as T);
  const last = keys.at(-1);
  return behind.length > keys.length && last !== undefined ? { items, next: encodeCursor(last) } : { items };
}
