import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { TesseraError } from '#core';

/** A JSON array of items, as `http.md` has it. NDJSON has no limit: it is never held as a whole. */
export const ITEMS_BODY_LIMIT = 10 * 1024 * 1024;
/** Everything else: the largest honest body is a schema with a few thousand properties, some 500 KB. */
export const BODY_LIMIT = 1024 * 1024;
/** A schema that describes an item at the nesting limit (64) nests twice as deep itself. */
const BODY_DEPTH = 256;

const ITEMS_ROUTE = 'itemsBody';
const FILE_ROUTE = 'fileBody';
/** Stands for every content type of a route that takes files, so that no other parser gets them. */
const FILE_MEDIA_TYPE = 'application/x-tessera-file';
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Marks a handler whose body is items: as `application/json` it gets the raw bytes (a `Buffer` of up to 10 MB), as
 * `application/x-ndjson` the raw stream, untouched and unlimited. See `ItemsBody`.
 */
export const TakesItems = (): MethodDecorator => RouteConfig({ [ITEMS_ROUTE]: true });

/**
 * Marks a handler whose body is a file of any content type: it gets the raw stream, untouched and unlimited. What the
 * client said about the content is `fileType` of the request.
 */
export const TakesFile = (): MethodDecorator => RouteConfig({ [FILE_ROUTE]: true });

declare module 'fastify' {
  interface FastifyRequest {
    /** Content type of a file as the client sent it. */
    fileType: string | undefined;
  }
}

/** What `@Body()` is on a handler that `@TakesItems()`. `undefined`: no body was sent. */
export type ItemsBody = Buffer | Readable | undefined;

/** Takes the place of Fastify's own parsers. Call before the routes are registered. */
export function registerBodyParsers(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.bodyLimit = takesItems(route.config) ? ITEMS_BODY_LIMIT : BODY_LIMIT;
  });
  server.decorateRequest('fileType', undefined);
  server.addHook('onRequest', (request, _reply, done) => {
    if (takesFile(request.routeOptions.config)) {
      request.fileType = request.headers['content-type'];
      request.raw.headers['content-type'] = FILE_MEDIA_TYPE;
    }
    done();
  });
  // A stream that was refused half-way is read to its end: else the connection, and a client that still writes, hang.
  server.addHook('onResponse', (request, _reply, done) => {
    request.raw.unpipe();
    request.raw.resume();
    done();
  });
  server.removeAllContentTypeParsers();
  const parseJson = promisify(server.getDefaultJsonParser('error', 'error') as ParseJsonThen);
  const parse = async (request: FastifyRequest, body: Buffer): Promise<unknown> =>
    takesItems(request.routeOptions.config) ? body : readJson(parseJson, request, body);
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, parse);
  server.addContentTypeParser('application/x-ndjson', (request: FastifyRequest, stream, done) => {
    if (takesItems(request.routeOptions.config)) return done(null, stream);
    done(new TesseraError('UNSUPPORTED_MEDIA_TYPE', 'This resource takes application/json.'), undefined);
  });
  server.addContentTypeParser(FILE_MEDIA_TYPE, (request: FastifyRequest, stream, done) => {
    if (takesFile(request.routeOptions.config)) return done(null, stream);
    done(new TesseraError('UNSUPPORTED_MEDIA_TYPE', 'This resource takes application/json.'), undefined);
  });
}

type ParseJson = (request: FastifyRequest, text: string) => Promise<unknown>;
type ParseJsonThen = (
  request: FastifyRequest,
  text: string,
  done: (error: Error | null, value: unknown) => void,
) => void;

async function readJson(parseJson: ParseJson, request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw malformed('The body is not valid UTF-8.');
  if (nestingOf(bytes) > BODY_DEPTH) throw malformed(`The body nests deeper than ${BODY_DEPTH} levels.`);
  try {
    return await parseJson(request, bytes.toString('utf8'));
  } catch (cause) {
    throw new TesseraError('MALFORMED_BODY', 'The body is not JSON, or it has the key __proto__.', { cause });
  }
}

function takesItems(config: unknown): boolean {
  return isMarked(config, ITEMS_ROUTE);
}

function takesFile(config: unknown): boolean {
  return isMarked(config, FILE_ROUTE);
}

function isMarked(config: unknown, mark: string): boolean {
  return (config as Record<string, unknown> | undefined)?.[mark] === true;
}

/** The deepest nesting of JSON text, without recursion: what comes behind (validation, printing) recurses. */
export function nestingOf(json: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] as number;
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSING.has(byte)) depth -= 1;
  }
  return deepest;
}

function malformed(message: string): TesseraError {
  return new TesseraError('MALFORMED_BODY', message);
}
