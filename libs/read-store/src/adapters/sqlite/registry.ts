import type { RegistryEntry } from '../../read-store.js';
import type { Connection } from './connection.js';

export function readRegistry(connection: Connection, projection: string): RegistryEntry | undefined {
  const text = readText(connection, projection);
  return text === undefined ? undefined : (JSON.parse(text) as RegistryEntry);
}

/** False, and nothing changed, when the entry is not the expected one. */
export function replaceRegistry(
  connection: Connection,
  projection: string,
  expected: RegistryEntry | undefined,
  next: RegistryEntry,
): boolean {
  return connection.immediate(() => {
    const text = readText(connection, projection);
    if (text !== (expected && textOf(expected))) return false;
    connection
      .prepare(
        'INSERT INTO registry (projection, entry) VALUES (?, ?) ON CONFLICT DO UPDATE SET entry = excluded.entry',
      )
      .run(projection, textOf(next));
    return true;
  });
}

function readText(connection: Connection, projection: string): string | undefined {
  const row = connection.prepare('SELECT entry FROM registry WHERE projection = ?').get(projection);
  return row?.[0] as string | undefined;
}

/** Equal entries have equal text. */
function textOf({ active, building, retired }: RegistryEntry): string {
  return JSON.stringify({ active, building, retired });
}
