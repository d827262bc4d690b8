import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';

/** A server that a spec may kill and pause: it runs in the foreground, of a command that the environment gives. */
export class OwnServer {
  #child: ChildProcess | undefined;

  /** `command` is for a shell, with `{port}` and `{folder}` in it; it listens on 127.0.0.1. */
  constructor(
    private readonly command: string,
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** Resolves when the port takes connections; the server may need longer until it answers. */
  async start(): Promise<void> {
    const command = this.command.replaceAll('{port}', String(this.port)).replaceAll('{folder}', this.folder);
    // A group of its own, so that signals reach what a script has started.
    this.#child = spawn(`exec ${command}`, { shell: true, detached: true, stdio: 'ignore' });
    while (!(await takesConnections(this.port))) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, signal);
  }

  /** Ends it, at once by default, and waits until it has ended. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.signal(signal);
    await ended;
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
