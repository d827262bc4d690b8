import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  arbitraryPage,
  arbitrarySettings,
  IDENTITIES,
  updatesOf,
} from '../../../../test/support/graph/arbitrary-graph.js';
import { naiveGraph } from '../../../../test/support/graph/naive-graph.js';
import { StoredGraph } from '../../../../test/support/graph/stored-graph.js';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { evaluateGraph } from './evaluate-graph.js';
import type { GraphSettings } from './graph.js';

const sorted = (parts: Iterable<readonly string[]>) => [...parts].map((part) => [...part].sort().join(' ')).sort();
const stateList = (states: ReadonlyMap<string, unknown>) =>
  [...states].sort(([one], [other]) => (one < other ? -1 : 1));

function expectToBeWhatItsLinksMake(graph: StoredGraph, settings: GraphSettings): void {
  const naive = naiveGraph(IDENTITIES, graph.links, settings);
  expect(stateList(graph.states)).toEqual(stateList(naive.states));
  expect(sorted(graph.clusters)).toEqual(sorted(naive.clusters));
  expect(sorted(graph.components.map(({ members }) => members))).toEqual(sorted(naive.components));
  const evaluated = evaluateGraph(IDENTITIES, graph.links, settings);
  expect(stateList(evaluated.states)).toEqual(stateList(naive.states));
  expect(sorted(evaluated.clusters)).toEqual(sorted(naive.clusters));
}

describe('a graph that is kept up to date', () => {
  it('is after every page what all its links make of it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySettings, fc.array(arbitraryPage, { maxLength: 25 }), async (settings, pages) => {
        const graph = new StoredGraph(IDENTITIES, settings);
        for (const page of pages) {
          await graph.apply(updatesOf(page, graph));
          expectToBeWhatItsLinksMake(graph, settings);
        }
      }),
      propertyRuns(300),
    );
  });
});
