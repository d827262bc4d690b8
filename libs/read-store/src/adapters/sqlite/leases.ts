import type { Lease } from '../../read-store.js';
import type { Connection, SqlValue } from './connection.js';

/** Who may do what alone. A row is never removed: its epoch goes on rising. */
export class Leases {
  constructor(private readonly connection: Connection) {}

  read(name: string): Lease | undefined {
    const row = this.connection.prepare('SELECT holder, epoch, beat FROM leases WHERE name = ?').get(name);
    return row && leaseOf(row);
  }

  take(name: string, seen: Lease | undefined, holder: string): Lease | undefined {
    const row =
      seen === undefined
        ? this.connection
            .prepare(
              'INSERT INTO leases (name, holder, epoch, beat) VALUES (?, ?, 1, 0) ON CONFLICT DO NOTHING ' +
                'RETURNING holder, epoch, beat',
            )
            .get(name, holder)
        : this.connection
            .prepare(
              'UPDATE leases SET holder = ?, epoch = epoch + 1, beat = 0 ' +
                'WHERE name = ? AND holder = ? AND epoch = ? AND beat = ? RETURNING holder, epoch, beat',
            )
            .get(holder, name, seen.holder, seen.epoch, seen.beat);
    return row && leaseOf(row);
  }

  renew(name: string, held: Lease): Lease | undefined {
    const row = this.connection
      .prepare(
        'UPDATE leases SET beat = beat + 1 WHERE name = ? AND holder = ? AND epoch = ? AND beat = ? ' +
          'RETURNING holder, epoch, beat',
      )
      .get(name, held.holder, held.epoch, held.beat);
    return row && leaseOf(row);
  }

  release(name: string, held: Lease): void {
    this.connection
      .prepare("UPDATE leases SET holder = '', beat = beat + 1 WHERE name = ? AND holder = ? AND epoch = ?")
      .run(name, held.holder, held.epoch);
  }
}

function leaseOf([holder, epoch, beat]: readonly (SqlValue | undefined)[]): Lease {
  return { holder: holder as string, epoch: epoch as number, beat: beat as number };
}
