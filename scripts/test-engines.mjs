// node scripts/test-engines.mjs [combination...] [-- jest arguments...]
// The whole e2e and faults suites on every combination of engines that can be had here.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { skippedFiles, summaryLine } from './summary.mjs';

const root = join(import.meta.dirname, '..');
const COMBINATIONS = ['sqlite+sqlite', 'eventstoredb+sqlite', 'sqlite+mongodb', 'eventstoredb+mongodb'];
const HELP = `Usage: npm run test:engines -- [combination...] [-- jest arguments...]

Runs the e2e and faults suites on each combination of event log + read store:
  ${COMBINATIONS.join('\n  ')}

EVENTSTOREDB_URL   an EventStoreDB server; without it a stand-in in this process, which keeps everything in memory
MONGODB_URL        a MongoDB server; without it TESSERA_TEST_MONGOD=download brings one, otherwise its combinations are skipped
Databases named tessera_e2e_... are made and removed again; streams are left behind, under random prefixes.`;

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log(HELP);
  process.exit(0);
}
const end = words.indexOf('--');
const chosen = end < 0 ? words : words.slice(0, end);
const jestArguments = end < 0 ? [] : words.slice(end + 1);
const unknown = chosen.find((name) => !COMBINATIONS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no combination ${unknown}.\n\n${HELP}`);
  process.exit(2);
}

function run(nodeArguments, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, nodeArguments, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function runSuite(combination, urls) {
  const [log, store] = combination.split('+');
  const results = join(scratch, `${combination}.json`);
  const opened = join(scratch, `${combination}.engines`);
  const code = await run(
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      'e2e',
      '--json',
      `--outputFile=${results}`,
      ...jestArguments,
    ],
    { ...urls, TESSERA_TEST_LOG: log, TESSERA_TEST_STORE: store, TESSERA_ENGINES_USED: opened },
  );
  if (!existsSync(results)) return { counts: { passed: 0, failed: 1, skipped: 0 }, remarks: ['jest left no results'] };
  const found = JSON.parse(readFileSync(results, 'utf8'));
  const failed = found.numFailedTests + found.numRuntimeErrorTestSuites;
  const counts = {
    passed: found.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: found.numPendingTests,
  };
  const skipped = skippedFiles(found).map((file) => `skipped: ${relative(root, file)}`);
  return { counts, remarks: [...notOpened(opened, log, store), ...skipped] };
}

/** What a run was for and did not come to: its tests were green without it. */
function notOpened(file, log, store) {
  const opened = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return [`event log=${log}`, `read store=${store}`]
    .filter((engine) => !opened.includes(engine))
    .map((engine) => `no test opened ${engine}`);
}

const scratch = mkdtempSync(join(tmpdir(), 'tessera-test-'));
const stops = [];
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
try {
  if ((await run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])) !== 0)
    throw new Error('the build failed');
  const { startEventStoreDbStandIn } = await import('../dist/test/support/eventstoredb-stand-in/index.js');
  const { testMongo } = await import('../dist/test/support/mongodb/test-mongo.js');
  const { removeDatabases } = await import('../dist/test/support/mongodb/remove-databases.js');
  const urls = {};
  const names = { sqlite: 'SQLite', eventstoredb: 'EventStoreDB', mongodb: 'MongoDB' };
  if (!process.env['EVENTSTOREDB_URL']) {
    const standIn = await startEventStoreDbStandIn();
    stops.push(() => standIn.stop());
    urls.EVENTSTOREDB_URL = standIn.url;
    names.eventstoredb = 'EventStoreDB stand-in';
  }
  const mongo = await testMongo();
  if (mongo !== undefined) {
    stops.push(() => mongo.stop());
    stops.push(() => removeDatabases(mongo.url, 'tessera_e2e_'));
    urls.MONGODB_URL = mongo.url;
  }
  for (const combination of chosen.length > 0 ? chosen : COMBINATIONS) {
    const [log, store] = combination.split('+');
    const title = `${names[log]} + ${names[store]}`;
    if (store === 'mongodb' && mongo === undefined) {
      lines.push(`${title}: not tested (MONGODB_URL not set), none of its suites was run`);
      total.skipped += 1;
      continue;
    }
    console.log(`== ${title}`);
    const { counts, remarks } = await runSuite(combination, urls);
    lines.push(`${title}: ${summaryLine(counts)}`, ...remarks.map((remark) => `  ${remark}`));
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
} catch (error) {
  console.error(error);
  total.failed += 1;
} finally {
  // One that fails, as on a server that is gone, keeps neither the others nor the summary back.
  for (const stop of stops.reverse()) {
    await stop().catch((error) => {
      console.error(error);
      lines.push(`cleaning up failed: ${error.message}`);
      total.failed += 1;
    });
  }
  rmSync(scratch, { recursive: true });
}
for (const line of lines) console.log(line);
console.log(summaryLine(total));
process.exit(total.failed > 0 ? 1 : 0);
