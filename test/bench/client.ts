import { type HttpAnswer, httpTarget, type HttpTarget } from '../../apps/cli/src/service/http-call.js';
import type { ReadyRequest } from './requests.js';

/** The client of the bench: sends what is ready, reads what is asked for, and keeps nothing. */
export interface BenchClient {
  /** Sends items and answers with the consistency token. Throws when not every item was accepted. */
  send(request: ReadyRequest, sandbox: string): Promise<string>;
  /** Reads a profile; true when it was there. */
  read(profilePath: string, sandbox: string): Promise<boolean>;
  /** Resolves when the profile can be read at the token or later, however long that takes. */
  readAt(profilePath: string, sandbox: string, token: string): Promise<void>;
  close(): void;
}

export function benchClient(url: string, connections: number): BenchClient {
  const target = httpTarget(new URL(url), connections);
  return {
    send: (request, sandbox) => send(target, request, sandbox),
    read: async (path, sandbox) => (await get(target, path, { 'x-sandbox-name': sandbox })).status === 200,
    readAt: (path, sandbox, token) => readAt(target, path, { 'x-sandbox-name': sandbox, 'x-consistency-token': token }),
    close: () => target.close(),
  };
}

async function send(target: HttpTarget, { path, body, items }: ReadyRequest, sandbox: string): Promise<string> {
  const answer = await target.call({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-ndjson', 'x-sandbox-name': sandbox },
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  });
  const token = answer.headers['x-consistency-token'];
  const { accepted } = answer.status === 202 ? (JSON.parse(answer.text) as { accepted: number }) : { accepted: 0 };
  // Duplicates and refusals are cheaper than real work: a bench that has them measures something else.
  if (accepted !== items || typeof token !== 'string') {
    throw new Error(`POST ${path}: ${answer.status}, ${accepted} of ${items} accepted: ${answer.text.slice(0, 500)}`);
  }
  return token;
}

function get(target: HttpTarget, path: string, headers: Record<string, string>): Promise<HttpAnswer> {
  return target.call({ method: 'GET', path, headers });
}

async function readAt(target: HttpTarget, path: string, headers: Record<string, string>): Promise<void> {
  for (;;) {
    const answer = await get(target, path, headers);
    if (answer.status === 200) return;
    // NOT_YET_VISIBLE, after the service has waited 5 s itself.
    if (answer.status !== 503) throw new Error(`GET ${path}: ${answer.status}: ${answer.text.slice(0, 500)}`);
  }
}
