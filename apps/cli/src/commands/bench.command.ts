import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { EngineChoice } from '../../../../test/bench/engines.js';
import type { BenchReport } from '../../../../test/bench/report.js';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { note, print } from '../terminal/output.js';
import { addCommand, exitWith, wholeNumber } from './command.js';

interface BenchCommandOptions {
  readonly data?: string;
  readonly json?: string;
  readonly quick?: true;
  readonly scenario: 'load' | 'computed' | 'identity';
  readonly variant: 'easy' | 'hard' | 'both';
  readonly engines: EngineChoice;
  readonly port: number;
  readonly markdown?: string;
}

export function addBenchCommand(program: Command): void {
  addCommand(program, {
    usage: 'bench',
    summary: 'measure this machine',
    description:
      'Measure this machine: start services of its own on temporary folders, load the retail file through HTTP, and ' +
      'report rates, lags, lookups, rebuild, memory and disk, beside what the log engine alone reaches. It takes ' +
      'minutes. With --engines servers the services use EVENTSTOREDB_URL and MONGODB_URL, with --engines eventstoredb the ' +
      'first of them and SQLite for the views; streams bench-... and a database tessera_bench_... are left there.',
    examples: [
      ['bench --data online-retail.csv.gz --json bench.json', 'everything: a tenth, a half, all of the file'],
      ['bench --data online-retail.csv.gz --quick', 'a twentieth, in under a minute'],
      ['bench --data online-retail.csv.gz --engines servers', 'a tenth of the file on EventStoreDB and MongoDB'],
      [
        'bench --data online-retail.csv.gz --scenario computed',
        'the whole file with 0, 1, 10 and 25 computed attributes',
      ],
      ['bench --scenario identity', 'links, hubs and clusters at their limit; needs no file'],
      ['bench --markdown bench.json', 'the tables of an earlier run'],
    ],
  })
    .option('--data <file>', 'the whole UCI "Online Retail" file as CSV; may be gzipped')
    .option('--json <file>', 'write the report here; after each part, so an interrupted run leaves what it has')
    .option('--quick', 'a twentieth of the file, or a tenth of the people')
    .addOption(
      new Option('--scenario <scenario>', 'what is measured').choices(['load', 'computed', 'identity']).default('load'),
    )
    .addOption(new Option('--variant <variant>', 'kind of load').choices(['easy', 'hard', 'both']).default('both'))
    .addOption(
      new Option('--engines <engines>', 'what the services use')
        .choices(['embedded', 'eventstoredb', 'servers'])
        .default('embedded'),
    )
    .option('--port <number>', 'port of the services that are started; 0 takes any', wholeNumber(0, 65_535), 0)
    .option('--markdown <file>', 'print the tables of this report instead of running')
    .action(exitWith(runBenchCommand));
}

async function runBenchCommand(options: BenchCommandOptions): Promise<ExitStatus> {
  const { markdownReport } = await import('../../../../test/bench/markdown.js');
  if (options.markdown !== undefined) {
    print(markdownReport(readReport(options.markdown)));
    return EXIT.done;
  }
  if (options.scenario === 'identity') return runIdentity(options);
  const { data, json, variant, engines, port } = options;
  if (data === undefined) throw new CliError('say which file to load: --data <file>');
  if (options.scenario === 'computed') return runComputedBench(data, options);
  const { runBench } = await import('../../../../test/bench/run-bench.js');
  const report = await runBench({
    file: data,
    variants: variant === 'both' ? ['easy', 'hard'] : [variant],
    quick: options.quick === true,
    engines,
    port,
    announce: note,
    onPart: (soFar) => {
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(soFar, undefined, 2)}\n`);
    },
  });
  print(markdownReport(report));
  return EXIT.done;
}

async function runComputedBench(data: string, options: BenchCommandOptions): Promise<ExitStatus> {
  const { computedMarkdown } = await import('../../../../test/bench/computed/computed-markdown.js');
  const { runComputedScenario } = await import('../../../../test/bench/computed/computed-scenario.js');
  const { json, engines, port, quick } = options;
  const reports = await runComputedScenario({ file: data, quick: quick === true, engines, port, announce: note });
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(reports, undefined, 2)}\n`);
  print(computedMarkdown(reports));
  return EXIT.done;
}

async function runIdentity(options: BenchCommandOptions): Promise<ExitStatus> {
  const { identityMarkdown } = await import('../../../../test/bench/identity/identity-markdown.js');
  const { runIdentityScenario } = await import('../../../../test/bench/identity/identity-scenario.js');
  const { json, engines, port, quick } = options;
  const report = await runIdentityScenario({ quick: quick === true, engines, port, announce: note });
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  print(identityMarkdown(report));
  return EXIT.done;
}

function readReport(file: string): BenchReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
