import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { IdentityReport } from '../../../../test/bench/identity/identity-report.js';
import type { BenchReport } from '../../../../test/bench/report.js';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { note, print } from '../terminal/output.js';
import { addCommand, exitWith, wholeNumber } from './command.js';

interface BenchCommandOptions {
  readonly scenario: 'retail' | 'identity';
  readonly data?: string;
  readonly json?: string;
  readonly quick?: true;
  readonly variant: 'easy' | 'hard' | 'both';
  readonly engines: 'embedded' | 'servers';
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
      'minutes. With --engines servers the services use EVENTSTOREDB_URL and MONGODB_URL; streams bench-... and a ' +
      'database tessera_bench_... are left there.',
    examples: [
      ['bench --data online-retail.csv.gz --json bench.json', 'everything: a tenth, a half, all of the file'],
      ['bench --data online-retail.csv.gz --quick', 'a twentieth, in under a minute'],
      ['bench --data online-retail.csv.gz --engines servers', 'a tenth of the file on EventStoreDB and MongoDB'],
      ['bench --scenario identity --json identity.json', 'links, hubs and clusters at their limit; needs no file'],
      ['bench --markdown bench.json', 'the tables of an earlier run'],
    ],
  })
    .addOption(
      new Option('--scenario <scenario>', 'the retail file, or identities that are linked')
        .choices(['retail', 'identity'])
        .default('retail'),
    )
    .option('--data <file>', 'the whole UCI "Online Retail" file as CSV; may be gzipped')
    .option('--json <file>', 'write the report here; after each part, so an interrupted run leaves what it has')
    .option('--quick', 'a twentieth of the file; a tenth of the people')
    .addOption(new Option('--variant <variant>', 'kind of load').choices(['easy', 'hard', 'both']).default('both'))
    .addOption(
      new Option('--engines <engines>', 'what the services use').choices(['embedded', 'servers']).default('embedded'),
    )
    .option('--port <number>', 'port of the services that are started; 0 takes any', wholeNumber(0, 65_535), 0)
    .option('--markdown <file>', 'print the tables of this report instead of running')
    .action(exitWith(runBenchCommand));
}

async function runBenchCommand(options: BenchCommandOptions): Promise<ExitStatus> {
  const { markdownReport } = await import('../../../../test/bench/markdown.js');
  const { identityMarkdown } = await import('../../../../test/bench/identity/identity-markdown.js');
  if (options.markdown !== undefined) {
    const report = readReport(options.markdown);
    print('scenario' in report ? identityMarkdown(report) : markdownReport(report));
    return EXIT.done;
  }
  const { data, json, variant, engines, port } = options;
  const quick = options.quick === true;
  const keep = (report: BenchReport | IdentityReport): void => {
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  };
  if (options.scenario === 'identity') {
    const { runIdentityBench } = await import('../../../../test/bench/identity/run-identity-bench.js');
    const report = await runIdentityBench({ quick, engines, port, announce: note });
    keep(report);
    print(identityMarkdown(report));
    return EXIT.done;
  }
  if (data === undefined) throw new CliError('say which file to load: --data <file>');
  const { runBench } = await import('../../../../test/bench/run-bench.js');
  const report = await runBench({
    file: data,
    variants: variant === 'both' ? ['easy', 'hard'] : [variant],
    quick,
    engines,
    port,
    announce: note,
    onPart: keep,
  });
  print(markdownReport(report));
  return EXIT.done;
}

function readReport(file: string): BenchReport | IdentityReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BenchReport | IdentityReport;
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
