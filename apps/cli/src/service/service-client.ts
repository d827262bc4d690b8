import { isJsonObject, type JsonValue } from '#core';
import { CliError } from '../cli-error.js';
import { type HttpAnswer, type HttpCall, httpTarget, type HttpTarget } from './http-call.js';

/** Where the service is and as whom to speak to it. */
export interface ServiceAddress {
  readonly url: string;
  readonly sandbox: string;
  readonly apiKey?: string;
}

/** The service answered with a problem document. */
export class ServiceError extends CliError {
  override readonly name = 'ServiceError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface JsonAnswer {
  readonly status: number;
  /** As the contract says, unchecked. */
  readonly body: unknown;
  /** Present on the answer to a write. */
  readonly token?: string;
}

/** Speaks JSON with one sandbox of a running service. Answers of 400 and above are thrown as `ServiceError`. */
export class ServiceClient {
  readonly #target: HttpTarget;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    readonly address: ServiceAddress,
    connections = 1,
  ) {
    this.#target = httpTarget(serviceUrl(address.url), connections);
    this.#headers = {
      'x-sandbox-name': address.sandbox,
      ...(address.apiKey !== undefined && { authorization: `Bearer ${address.apiKey}` }),
    };
  }

  /** One request as it is. Rejects only when there was no answer. */
  call(call: HttpCall): Promise<HttpAnswer> {
    return this.#target.call({ ...call, headers: { ...this.#headers, ...call.headers } });
  }

  async get(path: string, token?: string): Promise<JsonAnswer> {
    return this.#json({ method: 'GET', path, headers: tokenHeader(token) });
  }

  async send(method: string, path: string, body?: JsonValue, token?: string): Promise<JsonAnswer> {
    if (body === undefined) return this.#json({ method, path, headers: tokenHeader(token) });
    const headers = { ...tokenHeader(token), 'content-type': 'application/json' };
    return this.#json({ method, path, headers, body: JSON.stringify(body) });
  }

  close(): void {
    this.#target.close();
  }

  async #json(call: HttpCall): Promise<JsonAnswer> {
    const answer = await this.call(call).catch((error: unknown) => {
      throw unreachable(this.address.url, error);
    });
    if (answer.status >= 400) throw problemOf(answer, call);
    const token = answer.headers['x-consistency-token'];
    return {
      status: answer.status,
      body: parseAnswer(answer.text, call),
      ...(typeof token === 'string' && { token }),
    };
  }
}

function serviceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new CliError(`"${text}" is not an http(s) address`);
  return url;
}

function tokenHeader(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { 'x-consistency-token': token };
}

/** What to tell somebody whose request found nobody there. */
export function unreachable(url: string, error: unknown): CliError {
  const reason = error instanceof Error ? error.message || codeOf(error) : String(error);
  const refused = codeOf(error) === 'ECONNREFUSED';
  const message = refused
    ? `nothing listens on ${url}: start the service with "npm start", or say --url (TESSERA_URL)`
    : `no answer from ${url}: ${reason}`;
  return new CliError(message, { cause: error });
}

/** The system's code of an error, such as `ECONNRESET`; empty when it has none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** The problem document of an answer in one line. */
export function problemOf(answer: HttpAnswer, call: Pick<HttpCall, 'method' | 'path'>): ServiceError {
  const where = `${call.method} ${call.path}`;
  const problem = tryParse(answer.text);
  if (!isJsonObject(problem) || typeof problem['code'] !== 'string') {
    return new ServiceError(answer.status, '', `${where} was answered with ${answer.status} and no explanation`);
  }
  const { code } = problem;
  const detail = textOf(problem['detail']) ?? textOf(problem['title']) ?? '';
  const first = Array.isArray(problem['errors']) ? firstError(problem['errors']) : '';
  return new ServiceError(answer.status, code, `${where}: ${answer.status} ${code}: ${detail}${first}`);
}

function firstError(errors: readonly unknown[]): string {
  const [error] = errors;
  if (!isJsonObject(error)) return '';
  return ` (${[textOf(error['path']), textOf(error['message'])].filter(Boolean).join(': ')})`;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseAnswer(text: string, { method, path }: HttpCall): unknown {
  const parsed = text === '' ? {} : tryParse(text);
  if (parsed === undefined) throw new CliError(`${method} ${path} was not answered with JSON: is this Tessera?`);
  return parsed;
}
