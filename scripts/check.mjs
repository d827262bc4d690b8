// Everything a change must pass, on a fresh clone too: so this file uses only what comes with Node.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installedMatchesLock } from './installed.mjs';
import { summaryLine } from './summary.mjs';

const root = join(import.meta.dirname, '..');
const windows = process.platform === 'win32';

const steps = [
  ['install', ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], () => !installedMatchesLock(root)],
  ['format', ['npm', 'run', '--silent', 'format:check']],
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['types', ['npm', 'run', '--silent', 'types']],
  ['dependency rules', ['npm', 'run', '--silent', 'deps']],
  // Where there is no such client the file is not looked at, and the run says so.
  ['compose file', ['docker', 'compose', 'config', '--quiet'], composeIsThere],
  ['build', ['npm', 'run', '--silent', 'build']],
  ['tests', ['npm', 'test', '--silent']],
];

// The compose file asks for them; any will do to read it.
const composeSecrets = { TESSERA_API_KEY: 'x', TESSERA_NAMING_SECRET: 'x', MONGODB_PASSWORD: 'x' };

/** Runs a command with its output shown, and resolves to its exit code and the last line it printed. */
function run([command, ...commandArguments]) {
  return new Promise((resolve, reject) => {
    let tail = '';
    const child = spawn(command, commandArguments, {
      cwd: root,
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { ...composeSecrets, ...process.env },
      shell: windows,
    });
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-4096);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, lastLine: tail.trimEnd().split('\n').at(-1) }));
  });
}

const started = Date.now();
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
// A failing step before the tests counts as the one failure.
let summary = summaryLine({ passed: 0, failed: 1, skipped: 0 });

function composeIsThere() {
  return spawnSync('docker', ['compose', 'version'], { stdio: 'ignore', shell: windows }).status === 0;
}

for (const [name, command, needed] of steps) {
  if (needed && !needed()) {
    console.log(`== ${name}: nothing to do`);
    continue;
  }
  console.log(`== ${name}: ${command.join(' ')}`);
  const stepStarted = Date.now();
  const { code, lastLine } = await run(command);
  if (name === 'tests' && /^\d+ passed, \d+ failed, \d+ skipped$/.test(lastLine)) summary = lastLine;
  if (code !== 0) {
    console.log(`== ${name}: FAILED after ${seconds(stepStarted)}. Run it alone with: ${command.join(' ')}`);
    process.exitCode = 1;
    break;
  }
  console.log(`== ${name}: ok, ${seconds(stepStarted)}`);
}

if (process.exitCode !== 1) console.log(`== check: ok, ${seconds(started)}`);
console.log(summary);
