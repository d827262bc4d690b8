import { accessDenied, notReady, timeout, tooBusy, type CallError } from './call-errors.js';
import type { Refusal } from './faults.js';

/** What a refusal looks like on every call but a batch append. */
export function refusalError(refusal: Refusal): CallError {
  if (refusal === 'not-ready') return notReady();
  if (refusal === 'too-busy') return tooBusy();
  return refusal === 'timeout' ? timeout() : accessDenied();
}
