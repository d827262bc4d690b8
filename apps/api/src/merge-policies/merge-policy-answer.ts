import { missingDatasets, type MergePolicy, type SandboxCatalog } from '#catalog';

import type { MergePolicyAnswer } from './merge-policy.dto.js';

export function mergePolicyAnswer(catalog: SandboxCatalog, policy: MergePolicy): MergePolicyAnswer {
  const missing = missingDatasets(catalog, policy);
  return missing.length === 0 ? policy : { ...policy, missingDatasets: missing };
}
