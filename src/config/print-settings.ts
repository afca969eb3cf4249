/**
 * Writes `docs/settings.md`, or with `--check` fails if the file differs from the code.
 * Run by `npm run docs`, `npm run generate`, and `npm run check`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTINGS, type Variable } from './settings.ts';

const FILE = new URL('../../docs/settings.md', import.meta.url);

const HEAD = `<!-- Printed from src/config/settings.ts by \`npm run docs\`; do not edit. -->

# Settings

After reading this page, you can configure everything about the service.

Settings come from the environment, or from a file \`.env\` ([\`.env.example\`](../.env.example) lists them all). The
environment wins. If any value is wrong, the service does not start and lists every problem. \`latchkey doctor\` checks the
settings of a running service, too; see [Operations](operations.md).

Durations are a number and a unit: \`10s\`, \`15m\`, \`12h\`, \`30d\`.
`;

/** The chapters, each with the setting that starts it. A setting belongs to the chapter above it in the list. */
const CHAPTERS: Partial<Record<Variable, string>> = {
  NODE_ENV: 'The process',
  DATA_DIR: 'Database and secret',
  SMTP_URL: 'Email',
  APP_NAME: 'Brand and pages',
  JWT_ALG: 'Tokens and sessions',
  ACCOUNT_DELETION_GRACE: 'Accounts and audit log',
  PASSWORD_MIN_LENGTH: 'Passwords',
  USER_ROLES: 'Roles and registration',
  ORGANIZATION_HEADER: 'Organizations',
  REST_APIS: 'REST APIs',
  TRUSTED_PROXIES: 'Proxies, browsers and other services',
  GRAPHQL_INTROSPECTION: 'Tools and operation',
};

/** The whole file. */
export function printedSettings(): string {
  const rows = SETTINGS.map(([name, fallback, meaning]) => {
    const title = CHAPTERS[name];
    const chapter = title === undefined ? '' : `\n## ${title}\n\n| variable | default | meaning |\n|---|---|---|\n`;
    return `${chapter}| \`${name}\` | ${fallback.replaceAll('<', '\\<')} | ${meaning} |\n`;
  });
  return HEAD + rows.join('');
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(FILE, printedSettings());
  else if (readFileSync(FILE, 'utf8') !== printedSettings()) {
    process.stderr.write('docs/settings.md is not up to date. Run `npm run docs` and commit the file.\n');
    process.exitCode = 1;
  }
}
