// node scripts/test.mjs <unit|int|e2e|deep|all> [jest arguments...]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enginesLine, summaryLine } from './summary.mjs';

const root = join(import.meta.dirname, '..');
const [suite = 'all', ...jestArguments] = process.argv.slice(2);
// Specs without HTTP, with many more cases of those properties that say so (test/support/property-runs.ts).
const isDeep = suite === 'deep';
const projects = suite === 'all' ? ['unit', 'int', 'e2e'] : isDeep ? ['unit', 'int'] : [suite];

function run(...nodeArguments) {
  return spawnSync(process.execPath, nodeArguments, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...extraEnv },
  });
}

function finish(counts, exitCode) {
  console.log(enginesLine(existsSync(enginesFile) ? readFileSync(enginesFile, 'utf8') : '', process.env));
  console.log(summaryLine(counts));
  rmSync(scratch, { recursive: true });
  process.exitCode = exitCode;
}

const scratch = mkdtempSync(join(tmpdir(), 'tessera-test-'));
const enginesFile = join(scratch, 'engines');
const resultsFile = join(scratch, 'results.json');
const extraEnv = { TESSERA_ENGINES_USED: enginesFile, ...(isDeep && { TESSERA_TEST_DEEP: '1' }) };

// The int and e2e specs start workers and processes from dist.
const built =
  suite === 'unit' || isDeep || run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json').status === 0;
if (!built) {
  console.log('the build failed, no test was run');
  finish({ passed: 0, failed: 1, skipped: 0 }, 1);
} else {
  const jest = run(
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    // Takes all that follows up to the next flag: so not the last one.
    '--selectProjects',
    ...projects,
    '--passWithNoTests',
    ...(isDeep ? ['--testTimeout=3600000'] : []),
    '--json',
    `--outputFile=${resultsFile}`,
    ...jestArguments,
  );
  finish(...outcome(jest.status));
}

/** Reads what jest wrote; a spec that could not even be loaded counts as one failed test. */
function outcome(status) {
  if (!existsSync(resultsFile)) return [{ passed: 0, failed: 1, skipped: 0 }, 1];
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const counts = {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
  // A whole run that finds no test at all is a broken set-up, not a success.
  const nothingRun = suite === 'all' && jestArguments.length === 0 && results.numTotalTests === 0;
  return [counts, status === 0 && !nothingRun ? 0 : 1];
}
