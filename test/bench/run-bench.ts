import { cpus, release, totalmem, type } from 'node:os';
import { basename } from 'node:path';
import { benchEngines, type EngineChoice } from './engines.js';
import { type BenchReport, PART_OF_FILE, type PartReport } from './report.js';
import { scalesOf } from './scales.js';
import { runPart } from './scenario.js';
import { readRows, type Variant, workload } from './workload.js';

/** Rows of the whole file: what parts are parts of. */
const FILE_ROWS = 541_909;

/** As shells have it: 128 and the number of the signal. */
const INTERRUPTED = 130;

export interface BenchOptions {
  /** The retail CSV; may be gzipped. */
  readonly file: string;
  readonly variants: readonly Variant[];
  readonly quick: boolean;
  readonly engines: EngineChoice;
  readonly port: number;
  readonly announce: (step: string) => void;
  /** Told after each part: a long bench that is interrupted has not been for nothing. */
  readonly onPart: (report: BenchReport) => void;
}

/** Runs the benchmark; services and their data are gone afterwards. */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { file, variants, quick, engines, port, announce, onPart } = options;
  endWithSignals();
  const startedAt = new Date();
  const scales = scalesOf(engines, quick);
  const [most = 1] = scales.parts.map((part) => PART_OF_FILE[part]).sort((a, b) => a - b);
  announce(`reading ${file}`);
  const rows = await readRows(file, Math.floor(FILE_ROWS / most));

  const parts: PartReport[] = [];
  const report = (): BenchReport => ({
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    machine: machine(),
    file: basename(file),
    engines,
    quick,
    parts,
  });
  for (const variant of variants) {
    for (const part of scales.parts) {
      const some = rows.slice(0, Math.floor((rows.length * most) / PART_OF_FILE[part]));
      parts.push(
        await runPart({
          part,
          workload: workload(variant, some),
          rows: some.length,
          scales,
          port,
          engines: benchEngines(engines, process.env),
          announce: (step) => announce(`${variant}, ${part}: ${step}`),
        }),
      );
      onPart(report());
    }
  }
  return report();
}

/** Through `exit`, where services are ended and folders removed; a signal alone would leave both. */
export function endWithSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED));
}

/** What it is measured on. */
export function machine(): BenchReport['machine'] {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}
