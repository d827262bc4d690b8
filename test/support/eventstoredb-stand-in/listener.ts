import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';

import { Server, ServerCredentials } from '@grpc/grpc-js';

import { append } from './append.service.js';
import { batchAppend, type BatchCall } from './batch-append.service.js';
import type { StandInCounters } from './counters.js';
import { deleteStream, tombstoneStream } from './delete.service.js';
import { clusterMembers, supportedMethods } from './discovery.service.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import { gossipService, serverFeaturesService, streamsService } from './protocol.js';
import { asSerialized } from './read-responses.js';
import { read } from './read.service.js';
import type { ServiceContext } from './service-context.js';

/** The network side: owns the sockets, so that it can end them as a killed process would. */
export class Listener {
  private readonly sockets = new Set<Socket>();
  private server: NetServer | undefined;

  constructor(private readonly counters: StandInCounters) {}

  /** Port 0 takes any free one. Resolves with the port. */
  async listen(context: ServiceContext, port: number): Promise<number> {
    const grpc = grpcServer(context);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const server = createServer({ noDelay: true }, (socket) => {
      this.hold(socket);
      injector.injectConnection(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  cutConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Resolves when nobody is connected and nobody can connect. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      this.cutConnections();
    });
  }

  private hold(socket: Socket): void {
    this.sockets.add(socket);
    this.counters.connectionsOpen += 1;
    this.counters.connectionsOpened += 1;
    // A connection that breaks is nothing to the server.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.counters.connectionsOpen -= 1;
      this.sockets.delete(socket);
    });
  }
}

function grpcServer(context: ServiceContext): Server {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  const { StreamsService } = streamsService;
  server.addService(
    { ...StreamsService, read: { ...StreamsService.read, responseSerialize: asSerialized } },
    {
      append: served(append, context),
      batchAppend: (call: BatchCall) => batchAppend(context, call),
      delete: served(deleteStream, context),
      read: served(read, context),
      tombstone: served(tombstoneStream, context),
    },
  );
  server.addService(serverFeaturesService.ServerFeaturesService, {
    getSupportedMethods: served(supportedMethods, context),
  });
  server.addService(gossipService.GossipService, { read: served(clusterMembers, context) });
  return server;
}

/** A call whose client has gone may fail as it likes; any other failure is a defect here, and loud. */
function served<Call extends { readonly cancelled: boolean }, Rest extends unknown[]>(
  service: (context: ServiceContext, call: Call, ...rest: Rest) => Promise<void>,
  context: ServiceContext,
): (call: Call, ...rest: Rest) => void {
  return (call, ...rest) => {
    service(context, call, ...rest).catch((error: unknown) => {
      if (!call.cancelled) throw error;
    });
  };
}
