import type { SandboxId } from '#core';

export const SANDBOX_CREATED = 'SandboxCreated';
export const SANDBOX_RETITLED = 'SandboxRetitled';
export const SANDBOX_RESET = 'SandboxReset';

export interface SandboxCreated {
  readonly type: typeof SANDBOX_CREATED;
  readonly data: { readonly name: string; readonly sandboxId: SandboxId; readonly title: string };
}

/** The title is for people; the name stays. */
export interface SandboxRetitled {
  readonly type: typeof SANDBOX_RETITLED;
  readonly data: { readonly name: string; readonly title: string };
}

/** The name goes over to another id: what was defined and kept under the one before is out of reach. */
export interface SandboxReset {
  readonly type: typeof SANDBOX_RESET;
  readonly data: { readonly name: string; readonly sandboxId: SandboxId };
}

/** Events of the stream `system` that concern sandboxes; its first event is about the naming secret. All at version 1. */
export type SystemEvent = SandboxCreated | SandboxRetitled | SandboxReset;

const TYPES: Readonly<Record<SystemEvent['type'], true>> = {
  SandboxCreated: true,
  SandboxRetitled: true,
  SandboxReset: true,
};

/** `undefined` for types that are not about sandboxes. */
export function decodeSystemEvent(type: string, data: string): SystemEvent | undefined {
  return Object.hasOwn(TYPES, type) ? ({ type, data: JSON.parse(data) as unknown } as SystemEvent) : undefined;
}
