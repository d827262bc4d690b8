import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchEngines, type EngineChoice } from '../engines.js';
import { endWithSignals, machine } from '../run-bench.js';
import { withServiceProcess } from '../service-process.js';
import { IdentityParts } from './identity-parts.js';
import type { ClusterReport, IdentityReport } from './identity-report.js';
import { identityScales } from './identity-scales.js';

export interface IdentityScenarioOptions {
  readonly quick: boolean;
  readonly engines: EngineChoice;
  /** 0 = any that is free. */
  readonly port: number;
  readonly announce: (step: string) => void;
}

/** Runs the identity scenario on a service of its own; that and its data are gone afterwards. */
export async function runIdentityScenario(options: IdentityScenarioOptions): Promise<IdentityReport> {
  const { quick, engines, port, announce } = options;
  endWithSignals();
  const startedAt = new Date();
  const scales = identityScales(quick);
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  try {
    const measured = await withServiceProcess(folder, port, benchEngines(engines, process.env), async (service) => {
      const parts = new IdentityParts(service.url, scales, announce);
      await parts.warmUp();
      const linking = await parts.linking();
      const hubs = [await parts.hub('its owner changes'), await parts.hub('over the limit')];
      const clusters: ClusterReport[] = [];
      for (const scale of scales.clusters) clusters.push(await parts.clusters(scale));
      return { linking, hubs, clusters, wide: await parts.wide() };
    });
    const seconds = (Date.now() - startedAt.getTime()) / 1_000;
    const run = { startedAt: startedAt.toISOString(), seconds, machine: machine(), engines, quick };
    return { scenario: 'identity', ...run, ...measured };
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}
