import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * Where a connection is cut: in the middle of what the client sends, or when the server has it all and before the client
 * hears the answer.
 */
export type Cut = 'in the request' | 'before the answer';

/** Stands between clients and a server on this machine, whatever they speak, and cuts their connections. */
export interface CuttingProxy {
  readonly port: number;
  /** The next connection on which a client sends something large is cut. */
  cut(where: Cut): void;
  stop(): Promise<void>;
}

/** Appends come in chunks larger than this; pings and acknowledgements of the protocol are smaller. */
const LARGE_BYTES = 1_000;

export async function startCuttingProxy(upstreamPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const cuts: Cut[] = [];
  const server = createServer((client) => {
    const target = connect(upstreamPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      // Its end is what counts.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    join(client, target, (bytes) => (bytes > LARGE_BYTES ? cuts.shift() : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: (where) => void cuts.push(where),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function join(client: Socket, target: Socket, nextCut: (bytes: number) => Cut | undefined): void {
  let cutAtAnswer = false;
  const end = (): void => {
    client.destroy();
    target.destroy();
  };
  client.on('data', (chunk) => {
    const cut = nextCut(chunk.length);
    if (cut === 'in the request') {
      target.write(chunk.subarray(0, chunk.length / 2), end);
      return;
    }
    cutAtAnswer ||= cut === 'before the answer';
    target.write(chunk);
  });
  target.on('data', (chunk) => {
    if (cutAtAnswer) end();
    else client.write(chunk);
  });
  client.on('close', end);
  target.on('close', end);
}
