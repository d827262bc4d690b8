import { refused } from './decision.js';

const RESOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const NAMESPACE_CODE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const SANDBOX_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The refusal of an id that a schema or dataset cannot have; `undefined` when it can. */
export function refuseResourceId(id: string) {
  return refuseUnless(
    RESOURCE_ID.test(id),
    'id',
    'must be 1 to 64 of A-Z a-z 0-9 _ - and begin with a letter or digit',
  );
}

export function refuseNamespaceCode(code: string) {
  return refuseUnless(NAMESPACE_CODE.test(code), 'code', 'must be 1 to 64 of A-Z a-z 0-9 _ - and begin with a letter');
}

export function refuseSandboxName(name: string) {
  const allowed = 'must be 1 to 64 of a-z 0-9 - and begin with a letter or digit';
  return refuseUnless(SANDBOX_NAME.test(name), 'name', allowed);
}

function refuseUnless(valid: boolean, path: string, message: string) {
  return valid ? undefined : refused('INVALID_REQUEST', `The ${path} ${message}.`, { errors: [{ path, message }] });
}
