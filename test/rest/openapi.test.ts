/**
 * The OpenAPI document: valid, complete, and true. That real answers are as it says is checked by `restClient`,
 * everywhere.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REST_APIS } from '#config/rest-settings.ts';
import packed from '../../package.json' with { type: 'json' };
import locked from '../../package-lock.json' with { type: 'json' };
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { type OpenApi, schemaOf } from '../support/rest.ts';

type Media = { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> };
type Content = Record<string, Media>;
type Parameter = { name: string; in: string; required?: boolean; schema: object };
type Operation = {
  tags: string[];
  summary: string;
  operationId: string;
  /** Empty where no token is needed. */
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; content?: Content; headers?: Record<string, unknown> }>;
};
type Document = OpenApi & {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
};

/** What OpenAPI 3.1 lets each object hold (of what we use). */
const KEYS = {
  document: ['openapi', 'info', 'servers', 'tags', 'paths', 'components'],
  item: ['get', 'post', 'put', 'patch', 'delete'],
  operation: ['tags', 'summary', 'description', 'operationId', 'security', 'parameters', 'requestBody', 'responses'],
  parameter: ['name', 'in', 'required', 'schema', 'description', 'example', 'examples'],
  body: ['description', 'required', 'content'],
  response: ['description', 'content', 'headers'],
  media: ['schema', 'example', 'examples'],
};

describe('the OpenAPI document', () => {
  let latchkey: Latchkey;
  let document: Document;
  let operations: { at: string; path: string; method: string; operation: Operation }[];
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { PUBLIC_URL: 'https://example.test/auth' } });
    const response = await latchkey.fetch('/openapi.json');
    expect(response.headers.get('content-type')).toBe('application/json');
    document = await response.json();
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ at: `${method} ${path}`, path, method, operation })),
    );
  });
  afterAll(() => latchkey.close());

  const only = (at: string, object: object, keys: readonly string[]) =>
    expect([at, Object.keys(object).filter((key) => !keys.includes(key))]).toEqual([at, []]);
  const contents = ({ requestBody, responses }: Operation): [string, Media][] =>
    [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].flatMap((content) =>
      Object.entries(content ?? {}),
    );

  test('shows the version of package.json, which package-lock.json and CHANGELOG.md have too', () => {
    expect(document.info.version).toBe(packed.version);
    expect([locked.version, locked.packages[''].version]).toEqual([packed.version, packed.version]);
    const [, newest] = /^## (\S+)/m.exec(readFileSync('CHANGELOG.md', 'utf8')) ?? [];
    expect(newest).toBe(packed.version);
  });

  test('is what `redocly lint` recommends, without an error or a warning', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'latchkey-openapi-'));
    const file = join(directory, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const [cli, config] = ['../../node_modules/.bin/redocly', './redocly.yaml'].map((path) =>
      fileURLToPath(new URL(path, import.meta.url)),
    );
    // By default it reports what it was used for, and asks whether there is a newer one.
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { stdout } = await promisify(execFile)(
      cli ?? '',
      ['lint', file, '--config', config ?? '', '--format', 'json'],
      { env, cwd: directory },
    ).catch((failed) => failed);
    await rm(directory, { recursive: true });
    const { totals, problems } = JSON.parse(stdout);
    expect([problems, totals]).toEqual([[], { errors: 0, warnings: 0, ignored: 0 }]);
  });

  test('is OpenAPI 3.1: every object has the parts it must have, and no other', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    only('document', document, KEYS.document);
    for (const [path, item] of Object.entries(document.paths)) {
      expect(path).toMatch(/^\/[\w/{}.-]*$/);
      only(path, item, KEYS.item);
    }
    for (const { at, path, operation } of operations) {
      only(at, operation, KEYS.operation);
      const parameters = operation.parameters ?? [];
      for (const parameter of parameters) {
        only(at, parameter, KEYS.parameter);
        expect(['path', 'query', 'header']).toContain(parameter.in);
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
        schemaOf(document, parameter.schema);
      }
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect([at, inPath.sort()]).toEqual([at, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()]);
      if (operation.requestBody !== undefined) only(at, operation.requestBody, KEYS.body);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        only(at, response, KEYS.response);
        expect([at, status, response.description]).toEqual([at, status, expect.stringMatching(/\w/)]);
      }
      for (const [type, media] of contents(operation)) {
        expect(type).toMatch(/^application\/(json|x-www-form-urlencoded)$/);
        only(at, media, KEYS.media);
        expect('example' in media && 'examples' in media).toBe(false);
      }
      for (const scheme of operation.security.flatMap((each) => Object.keys(each))) {
        expect(Object.keys(document.components.securitySchemes)).toContain(scheme);
      }
    }
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[\w.-]+$/);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every request, answer and error has an example, and every example is what its schema says', () => {
    for (const { at, method, operation } of operations) {
      if (method === 'post') expect([at, operation.requestBody?.required]).toEqual([at, true]);
      for (const { name, required, schema } of operation.parameters ?? []) {
        // One that may be left out has none: the reference would send it.
        if (!required) continue;
        expect([at, name, schema]).toEqual([at, name, expect.objectContaining({ example: expect.any(String) })]);
      }
      for (const [, media] of contents(operation)) {
        const examples = media.examples ? Object.values(media.examples).map(({ value }) => value) : [media.example];
        expect(examples.length).toBeGreaterThan(0);
        for (const example of examples) {
          expect([at, example]).not.toEqual([at, undefined]);
          const { error } = schemaOf(document, media.schema).safeParse(example);
          expect([at, example, error?.message]).toEqual([at, example, undefined]);
        }
      }
    }
  });

  test('every operation tells of every failure that any of them may have', () => {
    for (const { at, operation } of operations) {
      for (const status of [405, 429, 500, 503]) {
        expect([at, Object.keys(operation.responses)]).toEqual([at, expect.arrayContaining([String(status)])]);
      }
      if (operation.requestBody) expect(operation.responses).toHaveProperty('400');
      if (operation.security.length > 0) expect(operation.responses).toHaveProperty('401');
      expect(operation.responses['405']?.headers).toHaveProperty('Allow');
      expect(operation.responses['429']?.headers).toHaveProperty('Retry-After');
    }
  });

  test('has every route of the documents, and every route of it is served', async () => {
    expect(operations.map(({ at }) => at)).toEqual(
      expect.arrayContaining([
        'post /api/users/',
        'post /api/auth/verify-email/',
        'post /api/auth/resend-verification/',
        'post /api/auth/login/',
        'post /api/auth/refresh/',
        'post /auth/login',
        'post /auth/refresh-token',
        'post /auth/resend-validation',
        'get /auth/me',
      ]),
    );
    for (const { at, path, method } of operations) {
      const { status } = await latchkey.fetch(path.replaceAll(/\{\w+\}/g, 'x'), { method: method.toUpperCase() });
      expect([at, [404, 405, 500].includes(status)]).toEqual([at, false]);
    }
  });

  test('names its operations by API, and the sign-in that two share by both', () => {
    const names = document.tags.map(({ name }) => name);
    expect(names).toHaveLength(REST_APIS.length);
    for (const { at, operation } of operations) {
      expect([at, names]).toEqual([at, expect.arrayContaining(operation.tags)]);
      expect(operation.tags).toHaveLength(at === 'post /auth/login' ? 2 : 1);
    }
    expect(Object.keys(document.paths['/auth/login']?.['post']?.requestBody?.content ?? {})).toEqual([
      'application/json',
      'application/x-www-form-urlencoded',
    ]);
  });

  test('says of every operation whether it needs a token', () => {
    const needed = operations.filter(({ operation }) => operation.security.length > 0).map(({ at }) => at);
    expect(needed.sort()).toEqual(['get /api/refresh', 'get /api/resend-email-verification', 'get /auth/me']);
  });

  test('points at the place that serves it', () => {
    expect(document.servers).toEqual([{ url: '/auth' }]);
  });

  test('holds only the APIs that are switched on', async () => {
    const other = await startLatchkey({ env: { REST_APIS: 'token' } });
    const { paths, tags }: Document = await (await other.fetch('/openapi.json')).json();
    expect(Object.keys(paths)).toEqual(['/auth/login']);
    expect(tags.map(({ name }) => name)).toEqual(['Token API']);
    await other.close();
  });
});
