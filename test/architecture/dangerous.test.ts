/** What is dangerous is in few places, and each of them has a reason. */
import { describe, test } from 'vitest';
import { none, src } from '../support/source-files.ts';

/** Fails for every file but those listed whose code, without comments and texts, matches. */
function onlyIn(allowed: Record<string, string>, dangerous: RegExp): void {
  const found = src.filter(({ code }) => dangerous.test(code)).map(({ path }) => path);
  none([
    ...found.filter((path) => !(path in allowed)).map((path) => `${path} matches ${dangerous}.`),
    ...Object.keys(allowed)
      .filter((path) => !found.includes(path))
      .map((path) => `${path} is listed and no longer matches ${dangerous}.`),
  ]);
}

/** The same for imports: `names` are what the file takes from the package or builtin. */
function importedOnlyIn(allowed: Record<string, string>, specifier: RegExp, names = /./): void {
  const found = src
    .filter(({ text }) =>
      [...text.matchAll(/^import (?!type )([^;]*?) from '([^']+)'/gms)].some(
        ([, taken = '', from = '']) => specifier.test(from) && names.test(taken),
      ),
    )
    .map(({ path }) => path);
  none([
    ...found.filter((path) => !(path in allowed)).map((path) => `${path} imports ${specifier}.`),
    ...Object.keys(allowed)
      .filter((path) => !found.includes(path))
      .map((path) => `${path} is listed and does not import ${specifier}.`),
  ]);
}

describe('dangerous functions', () => {
  test('nothing evaluates code, and nothing runs another program', () => {
    onlyIn({}, /\beval\s*\(|\bnew\s+Function\b|\bsetTimeout\s*\(\s*'/);
    importedOnlyIn({}, /^(?:node:)?(?:child_process|vm|repl|inspector)$/);
    importedOnlyIn(
      {
        'src/cluster/primary.ts': 'starts this program again, with WORKERS',
        'src/server.ts': 'asks whether it was started so',
      },
      /^(?:node:)?cluster$/,
    );
  });

  test('nothing is random that can be predicted', () => {
    onlyIn({}, /\bMath\s*\.\s*random\b/);
  });

  test('a statement that Prisma does not build is a constant with parameters', () => {
    const copying = {
      'src/outside/import-export/table-copy.ts': 'names of tables cannot be parameters; the catalog quotes them',
    };
    onlyIn(copying, /\$executeRawUnsafe\b/);
    onlyIn(
      {
        ...copying,
        'src/core/sessions/open-session.ts': 'a prepared statement; its text is a constant',
        'src/core/organizations/acting-organization.ts': 'the same',
      },
      /\$queryRawUnsafe\b/,
    );
    onlyIn(copying, /\$queryRawUnsafe\b(?:<[^(]*>)?\(\s*(?![A-Z]+\s*\.\s*text\b)/);
  });

  test('no page is put together without escaping but with texts of ours', () => {
    importedOnlyIn(
      { 'src/pages/page-layout.ts': 'the style sheet, and the class of wide pages' },
      /^hono\/html$/,
      /\braw\b/,
    );
    onlyIn({}, /\b(?:innerHTML|outerHTML|insertAdjacentHTML)\b/);
  });
});

describe('the network', () => {
  test('is reached only for the database, the mail server, and what the settings name', () => {
    const places = {
      'src/outside/passwords/breached-passwords.ts': 'the server of BREACH_CHECK_URL',
      'src/outside/captcha-provider.ts': 'the captcha provider of the settings',
      'src/cli/attack/target.ts': 'the service that an operator attacks',
    };
    onlyIn(places, /(?<![.\w])fetch\s*\(/);
    const clients = /^(?:node:)?(?:http|https|http2|net|tls|dgram|dns)(?:\/promises)?$/;
    importedOnlyIn(
      {
        'src/outside/listen.ts': 'whether a Unix socket was left behind',
        'src/http/server.ts': 'the listener',
        'src/outside/postgresql/client.ts': 'sockets of the pool',
        'src/outside/postgresql/probe.ts': 'sockets of questions to the server',
        'src/cli/attack/target.ts': 'what fetch cannot send, to the same service',
        'src/cli/attack/own-machine.ts': 'whether that is this machine',
      },
      clients,
      /\b(?:createServer|createConnection|connect|request|get|Socket|resolve\w*|lookup)\b/,
    );
    importedOnlyIn({ 'src/outside/mail/mailer.ts': 'the mail server' }, /^nodemailer$/);
    importedOnlyIn(
      { 'src/outside/telemetry/tracing.ts': 'the collector of OTEL_EXPORTER_OTLP_ENDPOINT' },
      /^@opentelemetry\/exporter/,
    );
    importedOnlyIn(
      {
        'src/outside/database.ts': 'PostgreSQL',
        'src/outside/postgresql/client.ts': 'its connections',
        'src/outside/postgresql/pool.ts': 'the pool of them',
        'src/outside/postgresql/probe.ts': 'questions to the server',
      },
      /^pg$/,
    );
  });
});
