import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { PageQuery } from '../common/page.js';
import { BrowseProfiles } from './browse-profiles.handler.js';
import { ClusterAnswer } from './cluster-answers.dto.js';
import { EventPage } from './event-answers.dto.js';
import { GetProfileById } from './get-profile-by-id.handler.js';
import { GetProfileEvents } from './get-profile-events.handler.js';
import { GetProfileIdentities } from './get-profile-identities.handler.js';
import { GetProfileLineage } from './get-profile-lineage.handler.js';
import { GetProfile } from './get-profile.handler.js';
import { LineageAnswer } from './lineage-answers.dto.js';
import { LookUpProfiles } from './look-up-profiles.handler.js';
import { LookupAnswer, ProfileAnswer, ProfilePage } from './profile-answers.dto.js';
import {
  EventsByIdentityQuery,
  EventsQuery,
  IdentityDto,
  LinksByIdentityQuery,
  LookupRequest,
  ViewByIdentityQuery,
  ViewQuery,
} from './profile.dto.js';

const LINEAGE_SUMMARY = 'Of each leaf of the merged attributes: who won, by which rule, and who lost';

/** Every way to name an identity twice: in the path, and as `by-identity` in the query, where it may also be `.` or `..`. */
@ApiTags('Profiles')
@Controller('v1/profiles')
export class ProfilesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'All profiles of the sandbox, page by page' })
  @ApiOkResponse({ type: ProfilePage })
  browse(@AskedSandbox() view: SandboxRequest, @Query() page: PageQuery): Promise<ProfilePage> {
    return this.queries.execute(new BrowseProfiles(view, page));
  }

  @Post('lookup')
  @HttpCode(200)
  @ApiOperation({ summary: 'Up to 1,000 profiles by identity' })
  @ApiOkResponse({ type: LookupAnswer })
  async lookup(
    @AskedSandbox() view: SandboxRequest,
    @Body() { identities, ...wanted }: LookupRequest,
  ): Promise<LookupAnswer> {
    return { results: await this.queries.execute(new LookUpProfiles(view, identities, wanted)) };
  }

  @Get('by-identity')
  @ApiOperation({ summary: 'The merged profile of an identity' })
  @ApiOkResponse({ type: ProfileAnswer })
  getByIdentity(
    @AskedSandbox() view: SandboxRequest,
    @Query() { namespace, id, ...wanted }: ViewByIdentityQuery,
  ): Promise<ProfileAnswer> {
    return this.queries.execute(new GetProfile(view, { namespace, id }, wanted));
  }

  @Get('by-identity/events')
  @ApiOperation({ summary: 'The events of a profile, newest first' })
  @ApiOkResponse({ type: EventPage })
  eventsByIdentity(
    @AskedSandbox() view: SandboxRequest,
    @Query() { namespace, id, ...wanted }: EventsByIdentityQuery,
  ): Promise<EventPage> {
    return this.queries.execute(new GetProfileEvents(view, { namespace, id }, wanted));
  }

  @Get('by-identity/identities')
  @ApiOperation({ summary: 'The identities of a profile and the links between them' })
  @ApiOkResponse({ type: ClusterAnswer })
  identitiesByIdentity(
    @AskedSandbox() view: SandboxRequest,
    @Query() { namespace, id, ...page }: LinksByIdentityQuery,
  ): Promise<ClusterAnswer> {
    return this.queries.execute(new GetProfileIdentities(view, { namespace, id }, page));
  }

  @Get('by-identity/lineage')
  @ApiOperation({ summary: LINEAGE_SUMMARY })
  @ApiOkResponse({ type: LineageAnswer })
  lineageByIdentity(
    @AskedSandbox() view: SandboxRequest,
    @Query() { namespace, id, ...wanted }: ViewByIdentityQuery,
  ): Promise<LineageAnswer> {
    return this.queries.execute(new GetProfileLineage(view, { namespace, id }, wanted));
  }

  @Get(':profileId')
  @ApiOperation({ summary: 'The merged profile with this id' })
  @ApiOkResponse({ type: ProfileAnswer })
  getById(
    @AskedSandbox() view: SandboxRequest,
    @Param('profileId') profileId: string,
    @Query() wanted: ViewQuery,
  ): Promise<ProfileAnswer> {
    return this.queries.execute(new GetProfileById(view, profileId, wanted));
  }

  @Get(':namespace/:id')
  @ApiOperation({ summary: 'The merged profile of an identity' })
  @ApiOkResponse({ type: ProfileAnswer })
  get(
    @AskedSandbox() view: SandboxRequest,
    @Param() identity: IdentityDto,
    @Query() wanted: ViewQuery,
  ): Promise<ProfileAnswer> {
    return this.queries.execute(new GetProfile(view, identity, wanted));
  }

  @Get(':namespace/:id/events')
  @ApiOperation({ summary: 'The events of a profile, newest first' })
  @ApiOkResponse({ type: EventPage })
  events(
    @AskedSandbox() view: SandboxRequest,
    @Param() identity: IdentityDto,
    @Query() wanted: EventsQuery,
  ): Promise<EventPage> {
    return this.queries.execute(new GetProfileEvents(view, identity, wanted));
  }

  @Get(':namespace/:id/identities')
  @ApiOperation({ summary: 'The identities of a profile and the links between them' })
  @ApiOkResponse({ type: ClusterAnswer })
  identities(
    @AskedSandbox() view: SandboxRequest,
    @Param() identity: IdentityDto,
    @Query() page: PageQuery,
  ): Promise<ClusterAnswer> {
    return this.queries.execute(new GetProfileIdentities(view, identity, page));
  }

  @Get(':namespace/:id/lineage')
  @ApiOperation({ summary: LINEAGE_SUMMARY })
  @ApiOkResponse({ type: LineageAnswer })
  lineage(
    @AskedSandbox() view: SandboxRequest,
    @Param() identity: IdentityDto,
    @Query() wanted: ViewQuery,
  ): Promise<LineageAnswer> {
    return this.queries.execute(new GetProfileLineage(view, identity, wanted));
  }
}
