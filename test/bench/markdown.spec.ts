import { describe, expect, it } from '@jest/globals';
import { markdownReport } from './markdown.js';
import type { BenchReport, Part, PartReport } from './report.js';

const latency = { count: 1_000, p50: 3.51, p99: 16.04, max: 30 };

function part(name: Part, perSecond: number): PartReport {
  return {
    variant: 'easy',
    part: name,
    workload: '_id = invoice-line, file order, 8082 owners',
    load: {
      items: 541_909,
      itemsPerRequest: 2_000,
      connections: 2,
      bytesPerItem: 213.4,
      acknowledgedPerSecond: perSecond,
      visiblePerSecond: perSecond / 2,
      clientCores: 0.25,
    },
    steady: {
      itemsPerSecond: 2_000,
      itemsPerRequest: 20,
      seconds: 20,
      ack: latency,
      lag: latency,
      lookupsPerSecond: 1_000,
      lookup: latency,
      lookupFailures: 0,
    },
    saturated: {
      items: 50_000,
      itemsPerRequest: 2_000,
      acknowledgedPerSecond: 1,
      visiblePerSecond: 1,
      lookupsPerSecond: 1_000,
      lookup: latency,
      lookupFailures: 3,
    },
    rebuild: { events: 1_000, seconds: 2, perSecond: 500 },
    disk: { items: 1_000, logPerItem: 276, readStorePerItem: 304 },
    peakMemory: 313e6,
    restartSeconds: 0.5,
    bareLimit: { appendPerSecond: 245_000, readBackPerSecond: 900_000, diskPerItem: 220 },
  };
}

function report(parts: readonly PartReport[]): BenchReport {
  const machine = { cores: 2, processor: 'some', memory: 2 ** 33, system: 'Linux 6', node: 'v20.20.2' };
  return {
    startedAt: '2026-01-02T03:04:05Z',
    seconds: 60,
    machine,
    file: 'retail.csv.gz',
    engines: 'embedded',
    quick: false,
    parts,
  };
}

describe('the tables of a report', () => {
  it('have a row per measure with its workload, and the target beside it', () => {
    const text = markdownReport(report([part('all', 105_000)]));

    expect(text).toContain('| easy | all | target |');
    expect(text).toContain('| `_id`, order, owners | _id = invoice-line, file order, 8082 owners |  |');
    expect(text).toContain(
      '| acknowledged (durable) items/s; 2,000 items a request, 2 connections | 105,000 | ≥ 45,000 |',
    );
    expect(text).toContain('| visible lag, ms; 2,000 items/s, 20 a request | 3.5 / 16.0 / 30.0 | p99 < 100 |');
  });

  it('say when lookups failed', () => {
    expect(markdownReport(report([part('all', 1)]))).toContain('3.5 / 16.0 / 30.0 (3 failed)');
  });

  it('say how cost grows from the smallest part to the largest', () => {
    const text = markdownReport(report([part('a tenth', 60_000), part('all', 50_000)]));

    expect(text).toContain('all against a tenth (target: at most 1.20x): acknowledged 1.20x, visible 1.20x');
    expect(text).toContain('rebuild 1.00x, disk 1.00x.');
  });
});
