import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { publishAttribute } from '#computed-attributes';
import type { EventLogReader } from '#event-log';

import { JobRunner } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, refusalError, type Change } from '../catalog/catalog-writer.js';
import { EVENT_LOG } from '../common/ports.js';

/** Lets an attribute be computed. What had happened before is filled in by a job, which outlives the process. */
export class PublishAttribute extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(PublishAttribute)
export class PublishAttributeHandler implements ICommandHandler<PublishAttribute> {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    private readonly catalogs: CatalogTail,
    private readonly writer: CatalogWriter,
    private readonly streams: JobStreams,
    private readonly runner: JobRunner,
  ) {}

  /**
   * The job is asked for first, so that after a crash in between nothing is published that nobody fills in. A job whose
   * attribute was published by another one finds that out, and ends.
   */
  async execute({ request, name }: PublishAttribute): Promise<Change> {
    const catalog = await this.catalogs.open(request);
    const attributes = this.catalogs.attributes(request.sandbox);
    const decision = publishAttribute({ catalog, attributes }, { name, job: '' });
    if (decision.outcome === 'refused') throw refusalError(decision.refusal);
    if (decision.outcome === 'unchanged') return { created: false, changed: false, position: this.catalogs.position };
    const head = await this.log.head();
    const target = { sandbox: catalog.sandbox, sandboxName: request.sandbox, head, attribute: name };
    const { job } = await this.streams.request('fill-in-attribute', target);
    try {
      return await this.writer.changeAttributes(request, (state) => publishAttribute(state, { name, job: job.id }));
    } finally {
      this.runner.enqueue(job);
    }
  }
}
