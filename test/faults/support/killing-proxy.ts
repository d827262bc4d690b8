import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where in the life of a request the service is killed. */
export type KillMoment =
  | 'before the request'
  | 'in the middle of the body'
  | 'when the body has arrived'
  | 'before the client sees the answer'
  | 'after the answer';

/** Which of the requests that carry items, from 1, meets which end. */
export const KILLS: readonly { readonly request: number; readonly moment: KillMoment }[] = [
  { request: 3, moment: 'in the middle of the body' },
  { request: 8, moment: 'when the body has arrived' },
  { request: 13, moment: 'before the client sees the answer' },
  { request: 18, moment: 'after the answer' },
  { request: 23, moment: 'before the request' },
];

/** What the client has been told so far. */
export interface Acknowledged {
  readonly ids: readonly string[];
  readonly token: string | undefined;
}

export interface KillingProxyOptions {
  readonly url: string;
  /** Kills the service, starts it again, looks at it, and answers with its new address. */
  readonly restart: (acknowledged: Acknowledged) => Promise<string>;
}

export interface KillingProxy {
  readonly url: string;
  /** Moments at which the service was killed so far. */
  kills(): readonly KillMoment[];
  close(): Promise<void>;
}

/**
 * Stands between client and service, kills the service at moments that time alone would rarely hit, and knows which
 * items the client has seen acknowledged. While the service is down, requests wait here.
 */
export async function killingProxy({ url, restart }: KillingProxyOptions): Promise<KillingProxy> {
  const ids: string[] = [];
  let token: string | undefined;
  let itemRequests = 0;
  let target = Promise.resolve(url);
  let failure: Error | undefined;
  const kills: KillMoment[] = [];

  const kill = (moment: KillMoment): void => {
    kills.push(moment);
    const acknowledged = { ids: [...ids], token };
    target = restart(acknowledged).catch((error: unknown) => {
      // Told by `close`: a request that fails here would only be repeated.
      failure ??= error instanceof Error ? error : new Error(String(error));
      return url;
    });
  };

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const number = incoming.method === 'POST' ? (itemRequests += 1) : 0;
    const moment = KILLS.find((one) => one.request === number)?.moment;
    const body = await bodyOf(incoming);
    if (moment === 'before the request') kill(moment);
    const upstream = request(new URL(incoming.url ?? '/', await target), {
      method: incoming.method,
      headers: incoming.headers,
    });
    const dropped = (): void => void incoming.socket.destroy();
    upstream.on('error', dropped);
    upstream.on('response', (answer) => {
      void bodyOf(answer).then((text) => {
        if (moment === 'before the client sees the answer') {
          kill(moment);
          return dropped();
        }
        if (number > 0 && answer.statusCode === 202) {
          ids.push(...idsOf(body));
          token = laterOf(token, String(answer.headers['x-consistency-token']));
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.end(text, () => {
          if (moment === 'after the answer') kill(moment);
        });
      }, dropped);
    });
    const half = Math.floor(body.length / 2);
    upstream.write(body.subarray(0, half), () => {
      if (moment === 'in the middle of the body') kill(moment);
      else upstream.end(body.subarray(half), () => moment === 'when the body has arrived' && kill(moment));
    });
  };

  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kills: () => kills,
    async close() {
      await closed(server);
      await target;
      if (failure !== undefined) throw failure;
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function idsOf(body: Buffer): readonly string[] {
  const lines = body
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { _id: string })._id);
}

function laterOf(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
