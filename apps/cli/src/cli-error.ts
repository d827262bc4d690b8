/** Exit statuses of every command, as `--help` tells them. */
export const EXIT = {
  done: 0,
  /** The command ran; what it looked at is not as it should be: refused items, differences, no such profile. */
  findings: 1,
  /** The command could not do its work: bad arguments, no service, a file that cannot be read. */
  failed: 2,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line for people; the cause shows with `--debug`. */
export class CliError extends Error {
  override readonly name: string = 'CliError';

  constructor(message: string, options: { readonly cause?: unknown; readonly exitStatus?: ExitStatus } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitStatus = options.exitStatus ?? EXIT.failed;
  }

  readonly exitStatus: ExitStatus;
}
