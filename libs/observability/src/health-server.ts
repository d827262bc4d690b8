import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServerOptions {
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** What speaks against being ready; empty when nothing does. */
  readonly reasons: () => readonly string[];
  /** Text of `/metrics` and its media type; without it there are none. */
  readonly metrics?: { readonly mediaType: string; print(): Promise<string> };
  /** The problem document that every other request gets, with status 503. */
  readonly problem: (reasons: readonly string[]) => object;
}

const RETRY_AFTER_SECONDS = 1;

/**
 * The little HTTP that a process speaks that serves no requests, or none yet: `/health/live`, `/health/ready`,
 * `/metrics`; all else is answered with 503 and `retry-after`.
 */
export class HealthServer {
  private constructor(private readonly server: Server) {}

  /** Rejects with the error of the operating system when it cannot listen. */
  static async listen(options: HealthServerOptions): Promise<HealthServer> {
    const server = createServer((request, response) => {
      request.resume();
      void answer(options, request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => resolve());
    });
    return new HealthServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Frees the port. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(options: HealthServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  const reasons = options.reasons();
  if (path === '/health/live') return send(response, 200, { status: 'live' });
  if (path === '/health/ready') {
    return reasons.length === 0
      ? send(response, 200, { status: 'ready' })
      : send(response, 503, { status: 'not-ready', reasons });
  }
  if (path === '/metrics' && options.metrics !== undefined) {
    response.writeHead(200, { 'content-type': options.metrics.mediaType }).end(await options.metrics.print());
    return;
  }
  send(response, 503, options.problem(reasons), 'application/problem+json');
}

function send(response: ServerResponse, status: number, body: object, mediaType = 'application/json'): void {
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  response.writeHead(status, { 'content-type': `${mediaType}; charset=utf-8`, connection: 'close' });
  response.end(JSON.stringify(body));
}
