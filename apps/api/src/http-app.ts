import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { TesseraError } from '#core';

import { AppModule } from './app.module.js';
import type { ServeConfig } from './common/config.js';
import type { Outside } from './common/engines.module.js';
import { createHttpServer } from './common/http-server.js';
import { NestLogger } from './common/nest-logger.js';
import { ProblemFilter } from './common/problem.filter.js';
import { validationPipe } from './common/validation.js';
import { serveOpenApi } from './openapi/openapi.js';
import { VERSION } from './version.js';

/** Requests that are still under way then are cut off. */
const DRAIN_MILLISECONDS = 10_000;
const IDLE_LOOK_MILLISECONDS = 50;

/** The Nest application behind its Fastify server. */
export class HttpApp {
  private constructor(private readonly app: NestFastifyApplication) {}

  static async create(config: ServeConfig, outside: Outside): Promise<HttpApp> {
    const { logger } = outside;
    const { adapter, allowedMethods } = createHttpServer({ apiKey: config.apiKey, logger });
    const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(outside), adapter, {
      bodyParser: false,
      abortOnError: false,
      logger: new NestLogger(logger),
    });
    app.useGlobalFilters(new ProblemFilter(logger, allowedMethods));
    app.useGlobalPipes(validationPipe());
    serveOpenApi(app, VERSION);
    return new HttpApp(app);
  }

  /** Prepares everything that needs the engines. Throws what they throw. */
  async init(): Promise<void> {
    await this.app.init();
  }

  /** Resolves to the URL when requests are taken. Throws `ADDRESS_UNAVAILABLE`. */
  async listen({ host, port }: Pick<ServeConfig, 'host' | 'port'>): Promise<string> {
    try {
      await this.app.listen(port, host);
    } catch (error) {
      throw addressError(error, host, port);
    }
    const address = this.#server.address() as AddressInfo;
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** Takes no more connections, finishes the requests that are under way, then closes the modules. */
  async close(): Promise<void> {
    await drain(this.#server);
    await this.app.close();
  }

  get #server(): Server {
    return this.app.getHttpServer();
  }
}

async function drain(server: Server): Promise<void> {
  if (!server.listening) return;
  // A kept-alive connection becomes idle when its last answer is out, which no event tells.
  const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MILLISECONDS);
  const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MILLISECONDS);
  await new Promise<void>((closed) => server.close(() => closed()));
  clearInterval(looking);
  clearTimeout(cutOff);
}

/** `ADDRESS_UNAVAILABLE` for an error of the operating system that says so; others as they are. */
export function addressError(error: unknown, host: string, port: number): unknown {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something else listens there already',
    EACCES: 'this user may not listen there',
    EADDRNOTAVAIL: 'this machine does not have the address',
    ENOTFOUND: 'there is no such host',
  };
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  const message = `Cannot listen on ${host}:${port}: ${reason}. Choose another port with --port, or another TESSERA_HOST.`;
  return new TesseraError('ADDRESS_UNAVAILABLE', message, { cause: error });
}
