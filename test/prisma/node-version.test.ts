/** What someone sees whose Node is too old, as after an installation without the optional packages that bring one. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import packed from '../../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SENTENCE =
  /^Latchkey runs on Node 24 or newer, and this is Node [\d.]+\. npm installs a newer one .+: run `npm ci`, or install Node 24\.\n$/;

/** The programs of the machine, without those that npm has installed. */
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((directory) => !directory.split(sep).includes('node_modules'))
  .join(delimiter);
const { stdout } = spawnSync('node', ['-p', 'process.versions.node'], { encoding: 'utf8', env: { PATH } });
const isOld = Number.parseInt(stdout ?? '', 10) < 24;

/** Every script that runs a program of ours in TypeScript, and the commands that containers and systemd begin with. */
const COMMANDS = Object.entries({
  ...packed.scripts,
  start: readFileSync(join(ROOT, 'build/start.sh'), 'utf8'),
  service: 'node --import ./prisma/prepare.mjs src/main.ts',
})
  .filter(([, script]) => /\bnode .*\.(?:ts|mjs)\b/.test(script) && !script.includes('npm run'))
  .map(([name, script]) => ({ name, script }));

describe('a Node that is too old', () => {
  test('is named in one sentence', () => {
    const pretended = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"22.23.3"})';
    const flags = ['--import', pretended, '--import', './prisma/prepare.mjs', 'src/main.ts'];
    const { status, stderr } = spawnSync(process.execPath, flags, { cwd: ROOT, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(SENTENCE)]);
  });

  test('is looked for by every command', () => {
    expect(COMMANDS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['build', 'start', 'latchkey', 'migrate', 'generate:client', 'service']),
    );
    for (const { name, script } of COMMANDS)
      expect([name, /prisma\/(?:prepare|node-version)\.mjs/.test(script)]).toEqual([name, true]);
  });

  // Where the machine has a newer one, it says that it is skipped.
  test.skipIf(!isOld).each(COMMANDS)('as the machine has it is named by $name', ({ script }) => {
    const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: ROOT, env: { PATH }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(SENTENCE)]);
  });
});
