import type { FastifyInstance, FastifyRequest } from 'fastify';

import { TesseraError } from '#core';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** The router answers 404 where only the method is wrong; this tells the two apart. */
export class AllowedMethods {
  readonly #paths = new Map<string, KnownPath>();

  /** Call before the routes are registered. */
  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ url, method }) => {
      // `*`: assets of the docs and the like, which are not resources of the contract.
      if (url.includes('*')) return;
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
      for (const one of typeof method === 'string' ? [method] : method) known.methods.add(one);
      this.#paths.set(url, known);
    });
  }

  /** `METHOD_NOT_ALLOWED` with what the path does take, or `NOT_FOUND`. */
  refusal({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): TesseraError {
    const path = url.split('?', 1)[0] ?? '';
    const allowed = new Set(
      [...this.#paths.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : [])),
    );
    if (allowed.size === 0 || allowed.has(method)) return new TesseraError('NOT_FOUND', 'There is no such path.');
    return new TesseraError('METHOD_NOT_ALLOWED', `The path does not take ${method}.`, {
      extra: { allowed: [...allowed].sort() },
    });
  }
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
