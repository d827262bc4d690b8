import { toRfc3339, type SandboxId } from '#core';

import type { Recorded } from '../catalog.events.js';
import { SANDBOX_CREATED, SANDBOX_RESET, SANDBOX_RETITLED, type SystemEvent } from './sandbox.events.js';

/** A space of its own for catalog and data. The id names it inside and never leaves the service. */
export interface Sandbox {
  readonly name: string;
  readonly sandboxId: SandboxId;
  readonly title: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** The sandboxes of a service, by name. */
export type Sandboxes = ReadonlyMap<string, Sandbox>;

export const NO_SANDBOXES: Sandboxes = new Map();

export function evolveSandboxes(sandboxes: Sandboxes, { event, at }: Recorded<SystemEvent>): Sandboxes {
  switch (event.type) {
    case SANDBOX_CREATED:
      return new Map(sandboxes).set(event.data.name, { ...event.data, createdAt: toRfc3339(at) });
    case SANDBOX_RETITLED: {
      const { name, title } = event.data;
      const sandbox = sandboxes.get(name);
      return sandbox === undefined ? sandboxes : new Map(sandboxes).set(name, { ...sandbox, title });
    }
    case SANDBOX_RESET: {
      const { name, sandboxId } = event.data;
      const sandbox = sandboxes.get(name);
      return sandbox === undefined ? sandboxes : new Map(sandboxes).set(name, { ...sandbox, sandboxId });
    }
  }
}
