import { randomUUID } from 'node:crypto';

import type { AttributeDefinition, AttributeEvent } from '#computed-attributes';
import { catalogStream, type NamingSecret } from '#core';
import type { EventLog } from '#event-log';
import { jobStream } from '#projection';
import { COMPUTED_ATTRIBUTE_RANGE_FILLED } from '#read-models';

import { appendItems, SANDBOX, type GivenItem } from '../ingested.js';

/** Something that happens to an attribute. */
export type AttributeStep =
  | { readonly step: 'publish'; readonly name: string; readonly definition: AttributeDefinition }
  /** `keyPrefix`: of the owners for whom it is filled in. */
  | { readonly step: 'fill'; readonly name: string; readonly keyPrefix: string }
  | { readonly step: 'filled in' | 'disable'; readonly name: string };

const jobOf = (name: string): string => `fill${name}0000`;

/** Appends items and steps, one by one. */
export async function appendSteps(
  log: EventLog,
  secret: NamingSecret,
  steps: readonly (GivenItem | AttributeStep)[],
): Promise<void> {
  for (const step of steps) {
    if (!('step' in step)) await appendItems(log, secret, [step]);
    else if (step.step === 'fill') {
      const { name, keyPrefix } = step;
      const data = { sandbox: SANDBOX, attribute: name, job: jobOf(name), keyPrefix };
      await append(log, jobStream(jobOf(name)), COMPUTED_ATTRIBUTE_RANGE_FILLED, data);
    } else {
      const { type, data } = attributeEvent(step);
      await append(log, catalogStream(SANDBOX), type, data);
    }
  }
}

function attributeEvent(step: Exclude<AttributeStep, { readonly step: 'fill' }>): AttributeEvent {
  const { name } = step;
  if (step.step === 'publish') {
    const { definition } = step;
    return {
      type: 'ComputedAttributePublished',
      data: { name, definition, valueType: 'number', job: jobOf(name) },
    };
  }
  return step.step === 'disable'
    ? { type: 'ComputedAttributeDisabled', data: { name } }
    : { type: 'ComputedAttributeFilledIn', data: { name } };
}

async function append(log: EventLog, stream: string, type: string, data: object): Promise<void> {
  const [outcome] = await log.append({
    common: { sandbox: SANDBOX, ingestedAt: 1_000 },
    writes: [{ stream, expected: 'any', events: [{ id: randomUUID(), type, data: JSON.stringify(data) }] }],
  });
  if (outcome?.outcome !== 'written') throw new Error('the step was not written');
}
