import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonValue } from '#core';
import { CliError } from '../cli-error.js';

/** A request of a setup file. */
export interface CatalogRequest {
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly body?: JsonValue;
}

/** Reads `{"requests":[{"method","path","body"?}]}`. Throws a `CliError` that says what is wrong with the file. */
export function readCatalogRequests(file: string): readonly CatalogRequest[] {
  const requests = parse(file);
  return requests.map((request, index) => {
    if (!isJsonObject(request)) throw new CliError(`${file}: request ${index + 1} is not an object`);
    const { method, path, body } = request;
    if (method !== 'PUT' && method !== 'POST')
      throw new CliError(`${file}: request ${index + 1} is neither PUT nor POST`);
    if (typeof path !== 'string' || !path.startsWith('/v1/')) {
      throw new CliError(`${file}: the path of request ${index + 1} does not begin with /v1/`);
    }
    return { method, path, ...(body !== undefined && { body }) };
  });
}

function parse(file: string): readonly JsonValue[] {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    const requests = isJsonObject(content) ? content['requests'] : undefined;
    if (Array.isArray(requests)) return requests as readonly JsonValue[];
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  throw new CliError(`${file} has no list of requests`);
}
