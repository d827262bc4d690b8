import { BSON } from 'mongodb';

import { answerTo, commandOf, type Intercept } from '../../support/mongodb/wire-proxy.js';

const WRITES = ['update', 'insert', 'findAndModify', 'delete'];
const REFUSAL = BSON.serialize({ ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary' });

/** As a member of a replica set that has just lost its place: reads go on, every write is refused. */
export const refuseWrites: Intercept = (request) => {
  const command = commandOf(request);
  const names = command === undefined ? [] : Object.keys(BSON.deserialize(command));
  return names.some((name) => WRITES.includes(name)) ? answerTo(request, REFUSAL) : 'pass';
};

/** So many writes of checkpoints find their connection cut: what they are the checkpoints of is written by then. */
export class FailingCheckpoints {
  failures = 0;

  constructor(private readonly times: number) {}

  readonly intercept: Intercept = (request) => {
    const command = commandOf(request);
    const target: unknown = command && BSON.deserialize(command)['update'];
    if (target !== 'versions' || this.failures === this.times) return 'pass';
    this.failures += 1;
    return 'cut';
  };
}
