import { describe, expect, it } from '@jest/globals';

import { AT } from '../../../../test/support/catalog/given.js';
import { createDefaultSandbox, putSandbox, resetSandbox } from './sandbox.decider.js';
import { decodeSystemEvent, type SystemEvent } from './sandbox.events.js';
import { evolveSandboxes, NO_SANDBOXES } from './sandboxes.js';

const DEV: SystemEvent = { type: 'SandboxCreated', data: { name: 'dev', sandboxId: 'aaaaaaaa', title: 'Development' } };
const given = (...events: readonly SystemEvent[]) =>
  events.reduce((sandboxes, event) => evolveSandboxes(sandboxes, { event, at: AT }), NO_SANDBOXES);

describe('putting a sandbox', () => {
  const command = { name: 'dev', sandboxId: 'aaaaaaaa', title: 'Development' };

  it('creates it under the id that was minted', () => {
    expect(putSandbox(given(), command)).toEqual({ outcome: 'created', events: [DEV] });
  });

  it('changes nothing when it is there with this title, whatever id was minted this time', () => {
    expect(putSandbox(given(DEV), { ...command, sandboxId: 'bbbbbbbb' })).toEqual({ outcome: 'unchanged' });
  });

  it('changes its title', () => {
    const retitled = { type: 'SandboxRetitled', data: { name: 'dev', title: 'Playground' } } as const;
    const decision = putSandbox(given(DEV), { ...command, sandboxId: 'bbbbbbbb', title: 'Playground' });
    expect(decision).toEqual({ outcome: 'changed', events: [retitled] });
    const after = { name: 'dev', sandboxId: 'aaaaaaaa', title: 'Playground', createdAt: '2010-12-01T08:26:00.000Z' };
    expect(given(DEV, retitled).get('dev')).toEqual(after);
  });

  it.each(['', 'Dev', '-dev', 'a_b', 'dév', 'a'.repeat(65), 'dev\n', '__proto__'])('refuses the name %j', (name) => {
    const refusal = { code: 'INVALID_REQUEST', errors: [{ path: 'name' }] };
    expect(putSandbox(NO_SANDBOXES, { ...command, name })).toMatchObject({ outcome: 'refused', refusal });
  });

  it('refuses an id that another sandbox has', () => {
    const decision = putSandbox(given(DEV), { ...command, name: 'test' });
    expect(decision).toMatchObject({ outcome: 'refused', refusal: { code: 'CONCURRENT_CHANGE' } });
  });
});

describe('resetting a sandbox', () => {
  const command = { name: 'dev', confirm: 'dev', sandboxId: 'bbbbbbbb' };
  const RESET = { type: 'SandboxReset', data: { name: 'dev', sandboxId: 'bbbbbbbb' } } as const;

  it('gives its name to the id that was minted, and keeps its title', () => {
    expect(resetSandbox(given(DEV), command)).toEqual({ outcome: 'changed', events: [RESET] });
    const before = given(DEV).get('dev');
    expect(given(DEV, RESET).get('dev')).toEqual({ ...before, sandboxId: 'bbbbbbbb' });
  });

  it.each(['', 'Dev', 'prod', 'dev '])('refuses the confirmation %j', (confirm) => {
    const refusal = { code: 'CONFIRMATION_DIFFERS', errors: [{ path: 'confirm' }] };
    expect(resetSandbox(given(DEV), { ...command, confirm })).toMatchObject({ outcome: 'refused', refusal });
  });

  it('refuses a sandbox that is not there, and an id that another has', () => {
    const unknown = { outcome: 'refused', refusal: { code: 'SANDBOX_NOT_FOUND' } };
    expect(resetSandbox(given(), command)).toMatchObject(unknown);
    const taken = { outcome: 'refused', refusal: { code: 'CONCURRENT_CHANGE' } };
    expect(resetSandbox(given(DEV), { ...command, sandboxId: 'aaaaaaaa' })).toMatchObject(taken);
  });
});

describe('the default sandbox', () => {
  it('is created once, and keeps the title that somebody gave it', () => {
    const first = createDefaultSandbox(NO_SANDBOXES, { sandboxId: 'bbbbbbbb' });
    const data = { name: 'prod', title: 'Production', sandboxId: 'bbbbbbbb' };
    const created = { type: 'SandboxCreated', data } as const;
    expect(first).toEqual({ outcome: 'created', events: [created] });
    const retitled = { type: 'SandboxRetitled', data: { name: 'prod', title: 'Shop' } } as const;
    expect(createDefaultSandbox(given(created, retitled), { sandboxId: 'cccccccc' })).toEqual({ outcome: 'unchanged' });
  });
});

describe('system events', () => {
  it('are read from the log, and those of later versions are passed over', () => {
    expect(decodeSystemEvent(DEV.type, JSON.stringify(DEV.data))).toEqual(DEV);
    expect(decodeSystemEvent('NamingSecretRegistered', '{}')).toBeUndefined();
    expect(decodeSystemEvent('constructor', '{}')).toBeUndefined();
  });
});
