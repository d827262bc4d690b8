import { describe, expect, it } from '@jest/globals';

import { guideForAll } from '../support/guide.js';

const guide = guideForAll('computed-attributes.md');

describe('the guide to computed attributes', () => {
  it('does what it says, command by command', async () => {
    const outputs: string[] = [];
    for (const block of guide().blocks) outputs.push(await guide().run(block));
    const [load, read, tried] = outputs;

    expect(load).toContain('3 accepted, 0 there already, 0 refused');
    expect(read).toContain('"status":"DRAFT"');
    expect(read).toMatch(/spend +PROCESSED +SUM total +Spend/);
    expect(read).toMatch(/bought1m +PROCESSED +xEvent\[/);
    expect(read).toContain(
      '"computedAttributes":{"bought1m":{"value":1,"complete":true},"spend":{"value":0.2,"complete":true}}',
    );
    expect(tried).toContain('"results":[{"identity":{"namespace":"CRMID","id":"7"},"found":true,"value":0.2}]');
    expect(tried).toContain('expected a text in quotes, a number, \\"true\\" or \\"false\\", but found ]');
  });
});
