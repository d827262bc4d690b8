import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { changeIdentitySettings, type ChangeIdentitySettings as Settings } from '#catalog';
import type { Position } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { Reevaluations } from '../reevaluation/reevaluations.js';

export interface ChangedSettings {
  /** Evaluates the sandbox's clusters again; absent when nothing changed. */
  readonly job?: string;
  readonly position: Position;
}

export class ChangeIdentitySettings extends Command<ChangedSettings> {
  constructor(
    readonly request: SandboxRequest,
    readonly settings: Settings,
  ) {
    super();
  }
}

@CommandHandler(ChangeIdentitySettings)
export class ChangeIdentitySettingsHandler implements ICommandHandler<ChangeIdentitySettings> {
  constructor(
    private readonly writer: CatalogWriter,
    private readonly reevaluations: Reevaluations,
  ) {}

  async execute({ request, settings }: ChangeIdentitySettings): Promise<ChangedSettings> {
    const change = await this.writer.changeCatalog(request, (catalog) => changeIdentitySettings(catalog, settings));
    if (!change.changed) return { position: change.position };
    return this.reevaluations.request('apply-identity-settings', request, change.position);
  }
}
