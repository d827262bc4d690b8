import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { CONSISTENCY_HEADER } from '../common/consistency.js';
import { PROBLEM_MEDIA_TYPE } from '../common/problem.js';
import { SANDBOX_HEADER } from '../common/sandbox-name.js';

const DESCRIPTION =
  'Real-time customer profiles. Times are RFC 3339 and answered in UTC; paths into data are dotted. Errors are ' +
  `\`${PROBLEM_MEDIA_TYPE}\` with a stable \`code\`.`;

/** What every operation answers when it cannot do what it was asked. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable; what programs go by' },
    detail: { type: 'string' },
    requestId: { type: 'string', description: 'Under which the log of the service has it' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, keyword: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** `/openapi.json` is made from the code; `/docs` shows it, with assets of its own and no network. */
export function serveOpenApi(app: INestApplication, version: string): void {
  const outline = new DocumentBuilder()
    .setTitle('Tessera')
    .setVersion(version)
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The value of TESSERA_API_KEY, when one is set' })
    .addSecurityRequirements('bearer')
    .addGlobalParameters(
      headerParameter(SANDBOX_HEADER, 'The sandbox; `prod` by default'),
      headerParameter(CONSISTENCY_HEADER, 'From an earlier answer: this request sees at least what that one wrote'),
    )
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  SwaggerModule.setup('docs', app, withProblems(document), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Tessera',
  });
}

function headerParameter(name: string, description: string) {
  return { in: 'header' as const, name, description, required: false, schema: { type: 'string' as const } };
}

function withProblems(document: OpenAPIObject): OpenAPIObject {
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.put, path.post, path.delete]) {
      if (operation !== undefined) operation.responses['default'] = { description: 'Refused or failed', content };
    }
  }
  return {
    ...document,
    components: { ...document.components, schemas: { ...document.components?.schemas, Problem: PROBLEM } },
  };
}
