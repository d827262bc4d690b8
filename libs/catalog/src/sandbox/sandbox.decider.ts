import type { SandboxId } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { refuseSandboxName } from '../resource-id.js';
import {
  SANDBOX_CREATED,
  SANDBOX_RESET,
  SANDBOX_RETITLED,
  type SandboxCreated,
  type SandboxReset,
  type SandboxRetitled,
} from './sandbox.events.js';
import type { Sandboxes } from './sandboxes.js';

/** There from the start, and meant where a request names no sandbox. */
export const DEFAULT_SANDBOX = { name: 'prod', title: 'Production' } as const;

export interface PutSandbox {
  readonly name: string;
  readonly title: string;
  /** Minted at random for the case that the sandbox is new. */
  readonly sandboxId: SandboxId;
}

/** Creates a sandbox, or gives the one of that name another title. */
export function putSandbox(
  sandboxes: Sandboxes,
  { name, title, sandboxId }: PutSandbox,
): Decision<SandboxCreated | SandboxRetitled> {
  const invalid = refuseSandboxName(name);
  if (invalid !== undefined) return invalid;
  const existing = sandboxes.get(name);
  if (existing === undefined) return createSandbox(sandboxes, { name, title, sandboxId });
  return existing.title === title ? unchanged : changed({ type: SANDBOX_RETITLED, data: { name, title } });
}

export interface ResetSandbox {
  readonly name: string;
  /** The name once more, so that nobody empties a sandbox by a slip. */
  readonly confirm: string;
  /** Minted at random. */
  readonly sandboxId: SandboxId;
}

/** Empties a sandbox: the name, the title and the time of creation stay. */
export function resetSandbox(sandboxes: Sandboxes, { name, confirm, sandboxId }: ResetSandbox): Decision<SandboxReset> {
  if (!sandboxes.has(name)) return refused('SANDBOX_NOT_FOUND', `There is no sandbox ${JSON.stringify(name)}.`);
  if (confirm !== name) {
    const errors = [{ path: 'confirm', message: `must be ${JSON.stringify(name)}` }];
    return refused('CONFIRMATION_DIFFERS', 'What is confirmed is not the sandbox that would be emptied.', { errors });
  }
  if (isTaken(sandboxes, sandboxId)) return refuseTaken();
  return changed({ type: SANDBOX_RESET, data: { name, sandboxId } });
}

/** At the start of a service. Whoever has given the sandbox another title meanwhile keeps it. */
export function createDefaultSandbox(
  sandboxes: Sandboxes,
  { sandboxId }: Pick<PutSandbox, 'sandboxId'>,
): Decision<SandboxCreated> {
  if (sandboxes.has(DEFAULT_SANDBOX.name)) return unchanged;
  return createSandbox(sandboxes, { ...DEFAULT_SANDBOX, sandboxId });
}

function createSandbox(sandboxes: Sandboxes, sandbox: PutSandbox): Decision<SandboxCreated> {
  if (isTaken(sandboxes, sandbox.sandboxId)) return refuseTaken();
  return created({ type: SANDBOX_CREATED, data: sandbox });
}

/** Two sandboxes with one id would share their data. */
function isTaken(sandboxes: Sandboxes, id: SandboxId): boolean {
  return [...sandboxes.values()].some(({ sandboxId }) => sandboxId === id);
}

function refuseTaken() {
  return refused('CONCURRENT_CHANGE', 'The id that was minted for the sandbox is taken. Ask again.');
}
