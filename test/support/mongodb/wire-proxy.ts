import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What becomes of a request. `cut`: the connection ends before the server gets it; `cut after`: when the server has
 * answered, and nobody hears the answer; `cut within`: after the first half of the answer; `hold`: nothing comes any more
 * on this connection; bytes: this answer instead of the server's.
 */
export type Verdict = 'pass' | 'cut' | 'cut after' | 'cut within' | 'hold' | Buffer;

/** Asked for every request, in order; requests behind it on the same connection wait. */
export type Intercept = (request: Buffer) => Verdict | Promise<Verdict>;

/** Stands between a client and a MongoDB server that is reached without TLS, and does to it what networks do. */
export interface WireProxy {
  /** The URL of the server, through this proxy. */
  readonly url: string;
  intercept: Intercept;
  /** A request of more bytes is never taken to its end: its connection is reset meanwhile. `Infinity` at first. */
  longest: number;
  /** As if the server stood still, with all that it holds: nothing is read any more, connections stay. */
  freeze(): void;
  thaw(): void;
  /** As if the server were killed: every connection ends, no new one is taken. */
  stop(): Promise<void>;
  /** On the same port again. */
  start(): Promise<void>;
}

export const passAll: Intercept = () => 'pass';

export async function startWireProxy(upstream: string): Promise<WireProxy> {
  const [, before, host, port = '27017', after = ''] = SERVER.exec(upstream) ?? [];
  if (before === undefined || host === undefined) throw new Error('not the URL of one server');
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let server: Server | undefined;
  let ownPort = 0;
  const proxy: { -readonly [K in keyof WireProxy]: WireProxy[K] } = {
    url: '',
    intercept: passAll,
    longest: Infinity,
    async start() {
      server = createServer((client) => {
        const target = connect(Number(port), host);
        for (const socket of [client, target]) follow(socket, sockets);
        const isTooLong = (bytes: number): boolean => bytes > proxy.longest;
        pump(client, target, (request) => proxy.intercept(request), isTooLong);
        if (isFrozen) for (const socket of [client, target]) socket.pause();
      });
      server.listen(ownPort, '127.0.0.1');
      await once(server, 'listening');
      ownPort = (server.address() as AddressInfo).port;
    },
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      server = undefined;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  await proxy.start();
  const [path = '', query] = after.replace(/^\//, '').split('?');
  // The members of a replica set would be looked for behind the proxy's back.
  const options = ['directConnection=true', ...(query ? [query] : [])].join('&');
  proxy.url = `${before}127.0.0.1:${ownPort}/${path}?${options}`;
  return proxy;
}

const SERVER = /^(mongodb:\/\/(?:[^/?]*@)?)([^/?:,@]+)(?::(\d+))?(\/.*)?$/;

function follow(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  // Its end is what counts.
  socket.on('error', () => socket.destroy());
}

function pump(client: Socket, target: Socket, intercept: Intercept, isTooLong: (bytes: number) => boolean): void {
  let cutNext: 'cut after' | 'cut within' | undefined;
  let pending = Buffer.alloc(0);
  let work: Promise<void> = Promise.resolve();
  const end = (): void => {
    client.destroy();
    target.destroy();
  };
  const judge = async (request: Buffer): Promise<void> => {
    const verdict = await intercept(request);
    if (verdict === 'cut') end();
    else if (verdict === 'hold') await new Promise(() => {});
    else if (Buffer.isBuffer(verdict)) client.write(verdict);
    else {
      cutNext = verdict === 'pass' ? undefined : verdict;
      target.write(request);
    }
  };
  client.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    if (pending.length >= 4 && isTooLong(pending.readInt32LE(0))) {
      client.resetAndDestroy();
      return;
    }
    // Every message begins with its length.
    while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
      const request = pending.subarray(0, pending.readInt32LE(0));
      pending = pending.subarray(request.length);
      work = work.then(() => judge(request));
    }
  });
  target.on('data', (answer: Buffer) => {
    if (cutNext === 'cut after') end();
    else if (cutNext === 'cut within') {
      cutNext = 'cut after';
      client.write(answer.subarray(0, answer.length / 2), () => client.resetAndDestroy());
    } else client.write(answer);
  });
  client.on('close', () => target.destroy());
  target.on('close', () => client.destroy());
}

const OP_MSG = 2013;
const HEADER_BYTES = 16;
/** Flags, then the kind of the section. */
const DOCUMENT_AT = HEADER_BYTES + 5;

/** The command of a request, as BSON; `undefined` for a message of another kind, such as the first of a connection. */
export function commandOf(request: Buffer): Buffer | undefined {
  if (request.readInt32LE(12) !== OP_MSG) return undefined;
  return request.subarray(DOCUMENT_AT, DOCUMENT_AT + request.readInt32LE(DOCUMENT_AT));
}

/** What a server would send to answer a request with this document. */
export function answerTo(request: Buffer, bson: Uint8Array): Buffer {
  const head = Buffer.alloc(DOCUMENT_AT);
  head.writeInt32LE(DOCUMENT_AT + bson.length, 0);
  head.writeInt32LE(request.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, bson]);
}
