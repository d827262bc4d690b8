import type { EngineChoice } from './engines.js';
import type { LatencySummary } from './percentiles.js';
import type { BenchReport, PartReport } from './report.js';
import type { Variant } from './workload.js';

/** One line of a variant's table: what it is, and what each part has of it. */
interface Row {
  readonly name: (part: PartReport) => string;
  readonly cell: (part: PartReport) => string;
  /** What is aimed at on two cores: for the whole file with embedded engines; with servers, against their bare limit. */
  readonly target: Readonly<Record<Variant | 'servers', string>>;
}

const row = (name: Row['name'], cell: Row['cell'], easy = '', hard = '', servers = ''): Row => ({
  name,
  cell,
  target: { easy, hard, servers },
});

const ROWS: readonly Row[] = [
  row(
    () => '`_id`, order, owners',
    ({ workload }) => workload,
  ),
  row(
    () => 'items, bytes each',
    ({ load }) => `${whole(load.items)}, ${whole(load.bytesPerItem)}`,
  ),
  row(
    ({ load }) => `acknowledged (durable) items/s${asFastAs(load)}`,
    ({ load }) => whole(load.acknowledgedPerSecond),
    '≥ 45,000',
    '≥ 20,000',
    '≥ 60% of the bare append',
  ),
  row(
    ({ load }) => `visible in profiles, items/s${asFastAs(load)}`,
    ({ load }) => whole(load.visiblePerSecond),
    '≥ 40,000',
    '≥ 12,000',
  ),
  row(
    ({ steady }) => `visible lag, ms${steadily(steady)}`,
    ({ steady }) => latency(steady.lag),
    'p99 < 100',
    'p99 < 200',
    'p99 < 1,000',
  ),
  row(
    ({ steady }) => `acknowledged after, ms${steadily(steady)}`,
    ({ steady }) => latency(steady.ack),
  ),
  row(
    ({ steady }) => `lookup at ${whole(steady.lookupsPerSecond)}/s, ms${steadily(steady)}`,
    ({ steady }) => latency(steady.lookup) + failed(steady.lookupFailures),
    'p99 < 10',
    'p99 < 25',
  ),
  row(
    ({ saturated, load }) => `lookup at ${whole(saturated.lookupsPerSecond)}/s, ms${asFastAs(load)}`,
    ({ saturated }) => latency(saturated.lookup) + failed(saturated.lookupFailures),
    'p99 < 100',
    'p99 < 150',
  ),
  row(
    () => 'acknowledged, visible items/s beside those lookups',
    ({ saturated }) => `${whole(saturated.acknowledgedPerSecond)}, ${whole(saturated.visiblePerSecond)}`,
  ),
  row(
    () => 'rebuild, events/s',
    ({ rebuild }) => `${whole(rebuild.perSecond)} (${whole(rebuild.events)} in ${rebuild.seconds.toFixed(1)} s)`,
    '≥ 50,000',
    '≥ 15,000',
    '≥ 50% of the bare read back',
  ),
  row(
    () => 'peak memory of `serve`, MB',
    ({ peakMemory }) => (peakMemory === undefined ? 'not told' : whole(peakMemory / 1e6)),
    '< 500',
    '< 700',
  ),
  row(
    () => 'disk per item, log + read store, bytes',
    ({ disk }) => (disk === undefined ? 'not told' : `${whole(disk.logPerItem)} + ${whole(disk.readStorePerItem)}`),
    '≤ 300 + 350',
  ),
  row(
    () => 'start on that folder, s',
    ({ restartSeconds }) => restartSeconds.toFixed(2),
  ),
  row(
    ({ load }) => `bare log engine: append, items/s (same bytes, ${whole(load.itemsPerRequest)} a request)`,
    ({ bareLimit }) => whole(bareLimit.appendPerSecond),
  ),
  row(
    () => 'bare log engine: read back, items/s; bytes per item',
    ({ bareLimit: { readBackPerSecond, diskPerItem } }) =>
      `${whole(readBackPerSecond)}; ${diskPerItem === undefined ? 'not told' : whole(diskPerItem)}`,
  ),
  row(
    () => 'client, cores while loading',
    ({ load }) => load.clientCores.toFixed(2),
  ),
];

/** The report as Markdown: a table per variant, a column per part of the file, and how cost grows with size. */
export function markdownReport(report: BenchReport): string {
  const variants = [...new Set(report.parts.map(({ variant }) => variant))];
  return [
    heading(report.file, report),
    ...variants.flatMap((variant) =>
      variantTable(
        variant,
        report.engines,
        report.parts.filter((part) => part.variant === variant),
      ),
    ),
    '',
  ].join('\n');
}

/** What was measured, when and on what. */
export function heading(
  what: string,
  { machine, startedAt, quick, engines }: Pick<BenchReport, 'machine' | 'startedAt' | 'quick' | 'engines'>,
): string {
  return (
    `${what}, ${startedAt.slice(0, 10)}${quick ? ', quick run' : ''}. ${machine.cores} cores (${machine.processor}), ` +
    `${whole(machine.memory / 2 ** 30)} GB, ${machine.system}, Node ${machine.node}. ` +
    `Service and client share the machine. ${ENGINES[engines]} Latencies are p50 / p99 / max.`
  );
}

const ENGINES: Readonly<Record<EngineChoice, string>> = {
  embedded: 'Embedded engines (SQLite).',
  eventstoredb: 'EventStoreDB, on the same machine too, with SQLite as read store.',
  servers: 'EventStoreDB and a MongoDB server, on the same machine too.',
};

function variantTable(variant: Variant, engines: EngineChoice, parts: readonly PartReport[]): readonly string[] {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return [];
  const aim = engines === 'embedded' ? variant : 'servers';
  const lines = ROWS.map(({ name, cell, target }) => [name(first), ...parts.map(cell), target[aim]]);
  const header = [variant, ...parts.map(({ part }) => part), 'target'];
  const table = [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return ['', ...table, ...(parts.length > 1 ? ['', growth(first, last)] : [])];
}

/** How many times more an item costs in the largest part than in the smallest. */
function growth(small: PartReport, large: PartReport): string {
  const times = (ratio: number): string => `${ratio.toFixed(2)}x`;
  const disk = ({ disk: use }: PartReport): number | undefined => use && use.logPerItem + use.readStorePerItem;
  const [smallDisk, largeDisk] = [disk(small), disk(large)];
  return [
    `Cost per event, ${large.part} against ${small.part} (target: at most 1.20x):`,
    `acknowledged ${times(small.load.acknowledgedPerSecond / large.load.acknowledgedPerSecond)},`,
    `visible ${times(small.load.visiblePerSecond / large.load.visiblePerSecond)},`,
    `rebuild ${times(small.rebuild.perSecond / large.rebuild.perSecond)},`,
    `disk ${smallDisk === undefined || largeDisk === undefined ? 'not told' : times(largeDisk / smallDisk)}.`,
  ].join(' ');
}

function asFastAs({ itemsPerRequest, connections }: PartReport['load']): string {
  return `; ${whole(itemsPerRequest)} items a request, ${connections} connections`;
}

function steadily({ itemsPerSecond, itemsPerRequest }: PartReport['steady']): string {
  return `; ${whole(itemsPerSecond)} items/s, ${itemsPerRequest} a request`;
}

export function latency({ p50, p99, max }: LatencySummary): string {
  return [p50, p99, max].map((milliseconds) => milliseconds.toFixed(1)).join(' / ');
}

export function failed(failures: number): string {
  return failures === 0 ? '' : ` (${whole(failures)} failed)`;
}

export function whole(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}
