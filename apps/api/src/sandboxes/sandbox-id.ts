import { base32, type SandboxId } from '#core';

import type { MintId } from '../common/ports.js';

/** 40 bits make eight base32 characters; in a random UUID the first 48 are random. */
const BYTES = 5;

export function mintSandboxId(mintId: MintId): SandboxId {
  const hex = mintId().replaceAll('-', '');
  return base32(Buffer.from(hex.slice(0, BYTES * 2), 'hex'));
}
