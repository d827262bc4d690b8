import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CountDatasetHandler } from '../datasets/count-dataset.handler.js';
import { CreateDatasetHandler } from '../datasets/create-dataset.handler.js';
import { DatasetsController } from '../datasets/datasets.controller.js';
import { DisableDatasetHandler } from '../datasets/disable-dataset.handler.js';
import { EnableDatasetHandler } from '../datasets/enable-dataset.handler.js';
import { GetDatasetHandler } from '../datasets/get-dataset.handler.js';
import { ListDatasetsHandler } from '../datasets/list-datasets.handler.js';
import { DefineFieldGroupHandler } from '../field-groups/define-field-group.handler.js';
import { DeleteFieldGroupHandler } from '../field-groups/delete-field-group.handler.js';
import { FieldGroupsController } from '../field-groups/field-groups.controller.js';
import { GetFieldGroupHandler } from '../field-groups/get-field-group.handler.js';
import { ListFieldGroupsHandler } from '../field-groups/list-field-groups.handler.js';
import { DefineNamespaceHandler } from '../namespaces/define-namespace.handler.js';
import { GetNamespaceHandler } from '../namespaces/get-namespace.handler.js';
import { ListNamespacesHandler } from '../namespaces/list-namespaces.handler.js';
import { NamespacesController } from '../namespaces/namespaces.controller.js';
import { GetSandboxHandler } from '../sandboxes/get-sandbox.handler.js';
import { ListSandboxesHandler } from '../sandboxes/list-sandboxes.handler.js';
import { PutSandboxHandler } from '../sandboxes/put-sandbox.handler.js';
import { ResetSandboxHandler } from '../sandboxes/reset-sandbox.handler.js';
import { SandboxesController } from '../sandboxes/sandboxes.controller.js';
import { DefineSchemaHandler } from '../schemas/define-schema.handler.js';
import { DeleteSchemaHandler } from '../schemas/delete-schema.handler.js';
import { EnableSchemaHandler } from '../schemas/enable-schema.handler.js';
import { GetSchemaHandler } from '../schemas/get-schema.handler.js';
import { ListSchemasHandler } from '../schemas/list-schemas.handler.js';
import { SchemasController } from '../schemas/schemas.controller.js';
import { GetUnionHandler } from '../unions/get-union.handler.js';
import { ListUnionsHandler } from '../unions/list-unions.handler.js';
import { UnionsController } from '../unions/unions.controller.js';
import { CatalogStartup } from './catalog-startup.js';
import { CatalogTail } from './catalog-tail.js';
import { CatalogWriter } from './catalog-writer.js';

/** Sandboxes and what is defined in them. Others read the catalog from `CatalogTail` and change it through `CatalogWriter`. */
@Module({
  imports: [CqrsModule],
  controllers: [
    SandboxesController,
    NamespacesController,
    FieldGroupsController,
    SchemasController,
    UnionsController,
    DatasetsController,
  ],
  providers: [
    CatalogTail,
    CatalogWriter,
    CatalogStartup,
    PutSandboxHandler,
    ResetSandboxHandler,
    GetSandboxHandler,
    ListSandboxesHandler,
    DefineNamespaceHandler,
    GetNamespaceHandler,
    ListNamespacesHandler,
    DefineFieldGroupHandler,
    DeleteFieldGroupHandler,
    GetFieldGroupHandler,
    ListFieldGroupsHandler,
    DefineSchemaHandler,
    EnableSchemaHandler,
    DeleteSchemaHandler,
    GetSchemaHandler,
    ListSchemasHandler,
    GetUnionHandler,
    ListUnionsHandler,
    CreateDatasetHandler,
    EnableDatasetHandler,
    DisableDatasetHandler,
    GetDatasetHandler,
    CountDatasetHandler,
    ListDatasetsHandler,
  ],
  exports: [CatalogTail, CatalogWriter],
})
export class CatalogModule {}
