import { hash, timingSafeEqual } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import { TesseraError } from '#core';

/** Probes come from machines that hold no key. */
const OPEN_ROUTES = '/health/';

/** What is wrong with the request's key; `undefined` when nothing is. */
export type KeyCheck = (request: FastifyRequest) => TesseraError | undefined;

/** Every request but health must carry `authorization: Bearer <key>`; without a key set, all may pass. */
export function keyCheck(apiKey: string | undefined): KeyCheck {
  if (apiKey === undefined) return () => undefined;
  const expected = digest(apiKey);
  return (request) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    // Digests have one length, so the time of the comparison tells nothing about the key, its length included.
    if (key !== undefined && timingSafeEqual(digest(key), expected)) return undefined;
    return new TesseraError('UNAUTHORIZED', 'The request carries no API key, or a wrong one.');
  };
}

/** Goes by the route that was matched, not by the URL: `/health/../v1` must not slip through. */
export function isOpenRoute(route: string | undefined): boolean {
  return route !== undefined && route.startsWith(OPEN_ROUTES);
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
