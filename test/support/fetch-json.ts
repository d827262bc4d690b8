export interface JsonRequest {
  readonly method?: string;
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  readonly sandbox?: string;
  /** From an earlier answer: this request sees at least what that one wrote. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. A spec says what it expects there. */
  readonly body: unknown;
  /** The answer's consistency token. */
  readonly token: string | undefined;
}

/** One request as a client would send it. */
export async function fetchJson(base: string, path: string, request: JsonRequest = {}): Promise<JsonAnswer> {
  const { body, sandbox, token, headers } = request;
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(new URL(path, base), {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(sandbox !== undefined && { 'x-sandbox-name': sandbox }),
      ...(token !== undefined && { 'x-consistency-token': token }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /^application\/(problem\+)?json/.test(answer.headers.get('content-type') ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? (JSON.parse(text) as unknown) : text,
    token: answer.headers.get('x-consistency-token') ?? undefined,
  };
}
