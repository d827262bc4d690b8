import type { MessagePort } from 'node:worker_threads';

import { GroupCommit, type SettledRequest } from './group-commit.js';
import { openForWriting, type Connection, type LogFileOptions } from './log-file.js';
import { LogTables } from './log-tables.js';
import type { CommitNotice, WriterAnswer, WriterRequest } from './messages.js';

/** The one writer of a file and its clients, wherever it runs. */
export class WriterHost {
  readonly #db: Connection;
  readonly #tables: LogTables;
  readonly #commits: GroupCommit<MessagePort>;
  readonly #clients = new Set<MessagePort>();
  #announcedHead: number;

  /** Throws what `openForWriting` does. */
  constructor(options: LogFileOptions) {
    this.#db = openForWriting(options);
    this.#tables = new LogTables(this.#db);
    this.#commits = new GroupCommit(this.#db, this.#tables, (settled) => this.#announce(settled));
    this.#announcedHead = this.#tables.head;
  }

  /** Takes requests from this port, and tells it of every commit. */
  connect(port: MessagePort): void {
    this.#clients.add(port);
    port.on('message', (request: WriterRequest) => this.#commits.add({ client: port, request }));
    port.on('close', () => this.#clients.delete(port));
    post(port, { head: this.#tables.head, answers: [] });
  }

  /** Commits what has arrived and lets the clients go. */
  close(): void {
    this.#commits.drain();
    for (const port of this.#clients) port.close();
    this.#db.close();
  }

  #announce(settled: readonly SettledRequest<MessagePort>[]): void {
    const head = this.#tables.head;
    const answers = new Map<MessagePort, WriterAnswer[]>();
    if (head !== this.#announcedHead) for (const port of this.#clients) answers.set(port, []);
    for (const { client, ticket, result } of settled) {
      const ofClient = answers.get(client) ?? [];
      ofClient.push({ ticket, result });
      answers.set(client, ofClient);
    }
    this.#announcedHead = head;
    for (const [port, ofClient] of answers) post(port, { head, answers: ofClient });
  }
}

function post(port: MessagePort, notice: CommitNotice): void {
  port.postMessage(notice);
}
