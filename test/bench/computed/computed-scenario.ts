import { benchEngines, type EngineChoice } from '../engines.js';
import { readRows, workload } from '../workload.js';
import { type ComputedReport, runComputed } from './run-computed.js';

export interface ComputedScenario {
  /** The retail CSV; may be gzipped. */
  readonly file: string;
  /** A twentieth of it. */
  readonly quick: boolean;
  readonly engines: EngineChoice;
  readonly port: number;
  readonly announce: (step: string) => void;
}

const ATTRIBUTES = [0, 1, 10, 25];
const FILE_ROWS = 541_909;

/** The file in its order, once for each number of attributes. */
export async function runComputedScenario(scenario: ComputedScenario): Promise<readonly ComputedReport[]> {
  const { file, quick, engines, port, announce } = scenario;
  announce(`reading ${file}`);
  const rows = await readRows(file, quick ? Math.floor(FILE_ROWS / 20) : FILE_ROWS);
  const reports: ComputedReport[] = [];
  for (const attributes of ATTRIBUTES) {
    reports.push(
      await runComputed({
        workload: workload('easy', rows),
        rows: rows.length,
        attributes,
        port,
        engines: benchEngines(engines, process.env),
        announce: (step) => announce(`${attributes} attributes: ${step}`),
      }),
    );
  }
  return reports;
}
