import { Module } from '@nestjs/common';

import { RefusedIdentities } from './refused-identities.js';

/** One count for the process, whatever brings items in. */
@Module({ providers: [RefusedIdentities], exports: [RefusedIdentities] })
export class RefusedIdentitiesModule {}
