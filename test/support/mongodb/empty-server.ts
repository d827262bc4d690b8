import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { BSON, type Document } from 'mongodb';

import { answerTo, commandOf } from './wire-proxy.js';

/** Speaks the protocol of MongoDB as a server on its own in which nothing is: for what clients do with a server at all. */
export interface EmptyServer {
  readonly url: string;
  stop(): Promise<void>;
}

const HELLO = { ok: 1, isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21 } as const;
/** What the driver writes at most must be told too. */
const SIZES = { maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 } as const;
const NOTHING = { ok: 1, cursor: { id: 0n, ns: 'nothing.nothing', firstBatch: [] } } as const;

export async function startEmptyServer(): Promise<EmptyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const request = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(request.length);
        socket.write(answerOf(request));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/nothing`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerOf(request: Buffer): Buffer {
  const command = commandOf(request);
  if (command === undefined) return oldReplyTo(request, { ...HELLO, ...SIZES });
  const { hello, ismaster, find } = BSON.deserialize(command);
  const isGreeting = hello !== undefined || ismaster !== undefined;
  return answerTo(
    request,
    BSON.serialize(isGreeting ? { ...HELLO, ...SIZES } : find === undefined ? { ok: 1 } : NOTHING),
  );
}

const OP_REPLY = 1;
const OLD_HEADER_BYTES = 36;

/** The first message of a connection comes in the form that every server ever had, and so does its answer. */
function oldReplyTo(request: Buffer, document: Document): Buffer {
  const bson = BSON.serialize(document);
  const head = Buffer.alloc(OLD_HEADER_BYTES);
  head.writeInt32LE(OLD_HEADER_BYTES + bson.length, 0);
  head.writeInt32LE(request.readInt32LE(4), 8);
  head.writeInt32LE(OP_REPLY, 12);
  head.writeInt32LE(1, 32);
  return Buffer.concat([head, bson]);
}
