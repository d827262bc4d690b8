import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { askFor } from './confirm.js';

/** Somebody in front of a screen, who types `typed`; nothing: Ctrl-D. */
function somebody(typed?: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough().setEncoding('utf8');
  input.end(typed);
  return { input, output };
}

describe('a question before something goes away', () => {
  it('is answered by the word', async () => {
    const terminal = somebody(' dev \n');

    await askFor('dev', 'Everything in dev goes.', '--confirm dev', terminal);

    expect(terminal.output.read()).toBe('Everything in dev goes. Type "dev" to go on: ');
  });

  it.each(['\n', 'y\n', 'DEV\n', undefined])('is not answered by %j', async (typed) => {
    await expect(askFor('dev', 'Gone.', '--confirm dev', somebody(typed))).rejects.toThrow('nothing was changed');
  });

  it('is an error where nobody is, which says how to answer it', async () => {
    const nobody = { input: new PassThrough().end('dev\n'), output: new PassThrough() };

    await expect(askFor('dev', 'Gone.', '--confirm dev', nobody)).rejects.toThrow('say --confirm dev');
    expect(nobody.output.read()).toBeNull();
  });
});
