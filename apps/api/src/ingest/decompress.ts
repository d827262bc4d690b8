import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';

import { TesseraError } from '#core';

import { ITEMS_BODY_LIMIT } from '../common/body.js';

const gunzipWhole = promisify(gunzip);

/** Undoes `content-encoding`. Throws `UNSUPPORTED_MEDIA_TYPE`, `MALFORMED_BODY`, `BODY_TOO_LARGE`. */
export async function decompressBody<B extends Buffer | Readable>(body: B, encoding: string | undefined): Promise<B> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (encoding !== 'gzip')
    throw new TesseraError('UNSUPPORTED_MEDIA_TYPE', `Bodies are taken plain or as gzip, not as ${encoding}.`);
  return (body instanceof Readable ? gunzipStream(body) : await gunzipBuffer(body)) as B;
}

/** `pipeline` would destroy the request when the data is broken, and with it the way back to the client. */
function gunzipStream(body: Readable): Readable {
  const plain = createGunzip();
  body.on('error', (error) => plain.destroy(error));
  return body.pipe(plain);
}

async function gunzipBuffer(body: Buffer): Promise<Buffer> {
  try {
    return await gunzipWhole(body, { maxOutputLength: ITEMS_BODY_LIMIT });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TesseraError('BODY_TOO_LARGE', `The body is over ${ITEMS_BODY_LIMIT} bytes once decompressed.`, {
        cause,
      });
    }
    throw new TesseraError('MALFORMED_BODY', 'The body is not valid gzip.', { cause });
  }
}
