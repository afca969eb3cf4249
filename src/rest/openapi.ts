/** The OpenAPI document of the enabled APIs, generated from the definitions that also route and validate. */
import type { Config } from '#config/config.ts';
import packed from '../../package.json' with { type: 'json' };
import type { RestApi } from './api.ts';

type Document = ReturnType<RestApi['app']['getOpenAPI31Document']>;
type PathItem = NonNullable<Document['paths']>[string];
type Operation = NonNullable<PathItem['post']>;
type Content = Record<string, { schema?: unknown; example?: unknown; examples?: Record<string, unknown> }>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** OpenAPI 3.1. An operation that two APIs share is listed once, with the bodies and answers of both. */
export function openApiDocument(apis: readonly RestApi[], { publicUrl }: Pick<Config, 'publicUrl'>): Document {
  const info = {
    title: 'Latchkey: the documented REST APIs',
    version: packed.version,
    description: 'The REST APIs of Latchkey. Its main API is GraphQL, at `/graphql`.',
    license: { name: packed.license, identifier: packed.license },
  };
  const document: Document = {
    openapi: '3.1.0',
    info,
    // Relative, so that the reference calls the APIs of the origin it was loaded from.
    servers: [{ url: new URL(publicUrl).pathname }],
    tags: apis.map(({ tag }) => tag),
    paths: {},
    components: { schemas: {}, securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
  for (const { tag, app } of apis) {
    const own = app.getOpenAPI31Document({ openapi: '3.1.0', info });
    Object.assign(document.components?.schemas ?? {}, own.components?.schemas);
    for (const [path, item] of Object.entries(own.paths ?? {})) {
      for (const method of METHODS) {
        const operation = item[method];
        if (operation === undefined) continue;
        // What needs no token says so, or a generated client may ask for one.
        const named = { security: [], ...operation, tags: [tag.name], operationId: operationIdOf(method, path) };
        const known = document.paths?.[path]?.[method];
        const merged = known === undefined ? named : shared(known, named);
        Object.assign(document.paths ?? {}, { [path]: { ...document.paths?.[path], [method]: merged } });
      }
    }
  }
  return document;
}

/** `POST /api/auth/login/` → `postApiAuthLogin` */
function operationIdOf(method: string, path: string): string {
  return method + path.replace(/[^a-z]+([a-z]?)/gi, (_, letter: string) => letter.toUpperCase());
}

function shared(one: Operation, other: Operation): Operation {
  const [a, b] = [one.tags?.[0] ?? '', other.tags?.[0] ?? ''];
  const statuses = new Set([...Object.keys(one.responses ?? {}), ...Object.keys(other.responses ?? {})]);
  const responses = [...statuses].map((status) => {
    const answers = { [a]: one.responses?.[status], [b]: other.responses?.[status] };
    return [status, eitherAnswer(answers)];
  });
  return {
    ...one,
    summary: 'Sign in; the content type of the body selects the API',
    description: `A JSON body selects the ${a}, a form the ${b}.`,
    tags: [a, b],
    requestBody: {
      required: true,
      content: { ...contentOf(one.requestBody), ...contentOf(other.requestBody) } as never,
    },
    responses: Object.fromEntries(responses),
  };
}

function eitherAnswer(answers: Record<string, unknown>) {
  const given = Object.entries(answers).filter(([, answer]) => answer !== undefined);
  const json = given.flatMap(([api, answer]) => {
    const content = contentOf(answer)['application/json'];
    return content === undefined ? [] : [{ api, content }];
  });
  const examples = json.flatMap(({ api, content }) =>
    Object.entries(content.examples ?? { answer: { value: content.example } }).map(([name, value]) => [
      `${api}: ${name}`,
      value,
    ]),
  );
  const headers = Object.assign({}, ...given.map(([, answer]) => (answer as { headers?: object }).headers));
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    description: given.map(([api, answer]) => `${api}: ${(answer as { description: string }).description}`).join(' '),
    content: {
      'application/json': {
        schema: json.length === 1 ? json[0]?.content.schema : { anyOf: json.map(({ content }) => content.schema) },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function contentOf(part: unknown): Content {
  return (part as { content?: Content } | undefined)?.content ?? {};
}
