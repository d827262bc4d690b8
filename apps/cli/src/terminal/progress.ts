import type { WriteStream } from 'node:tty';
import cliProgress from 'cli-progress';

/** Where one step of work stands. */
export interface ProgressState {
  /** 0 to 1; `undefined` while nobody knows how much there is. */
  readonly ratio: number | undefined;
  /** In front of everything: what is counted, `12,000 items, 45,000/s`. */
  readonly text: string;
  /** Seconds; estimated from the ratio and the time since the start when left out. */
  readonly remainingSeconds?: number | undefined;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Ends the bar, so that other lines can follow. */
  stop(): void;
}

/** Where bars go: standard error, so that standard output stays the command's answer. */
export interface ProgressOutput {
  readonly stream: NodeJS.WriteStream | WriteStream;
  readonly now: () => number;
}

/** A line this often is enough where nobody looks: a log file. */
const PLAIN_EVERY_MS = 2_000;

/** A bar on a terminal, a line now and then elsewhere. */
export function startProgress(label: string, { stream, now }: ProgressOutput): Progress {
  return stream.isTTY ? bar(label, stream, now) : plainLines(label, stream, now);
}

function bar(label: string, stream: NodeJS.WriteStream, now: () => number): Progress {
  const started = now();
  const single = new cliProgress.SingleBar(
    // Its "graceful exit" would take Ctrl-C for itself, and it has no cursor to restore.
    { format: `${label} {bar} {percentage}%  {text}  {left}`, stream, gracefulExit: false, fps: 8 },
    cliProgress.Presets.shades_classic,
  );
  single.start(1000, 0, { text: '', left: '' });
  return {
    update(state) {
      single.update(Math.round((state.ratio ?? 0) * 1000), {
        text: state.text,
        left: leftText(state, now() - started),
      });
    },
    stop: () => single.stop(),
  };
}

function plainLines(label: string, stream: NodeJS.WriteStream, now: () => number): Progress {
  const started = now();
  let lastAt = started;
  let last: ProgressState | undefined;
  const print = ({ ratio, text }: ProgressState, left: string): void => {
    const percentage = ratio === undefined ? '' : `${Math.floor(ratio * 100)}% `;
    const line = `${label} ${percentage}${text}  ${left}`.trimEnd();
    stream.write(`${line}\n`);
    last = undefined;
  };
  return {
    update(state) {
      last = state;
      if (now() - lastAt < PLAIN_EVERY_MS) return;
      lastAt = now();
      print(state, leftText(state, now() - started));
    },
    stop() {
      if (last) print(last, '');
    },
  };
}

/** How long it still takes, as people say it. */
export function leftText(state: ProgressState, elapsedMs: number): string {
  const { ratio, remainingSeconds } = state;
  if (ratio === 1) return '';
  const estimate = ratio === undefined || ratio < 0.01 ? undefined : (elapsedMs / 1000) * (1 / ratio - 1);
  const seconds = remainingSeconds ?? estimate;
  return seconds === undefined ? '' : `${duration(seconds)} left`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `541,909`. */
export function whole(number: number): string {
  return WHOLE.format(number);
}

export const standardError: ProgressOutput = { stream: process.stderr, now: () => performance.now() };
