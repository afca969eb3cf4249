/** When the database client is generated, and what someone sees who cannot generate it. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const OURS = fileURLToPath(new URL('../..', import.meta.url));
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) {
    chmodSync(join(root, 'src'), 0o755);
    rmSync(root, { recursive: true });
  }
});

/** A checkout whose generator notes that it ran; its first argument is what it does then. */
function checkout(thenDo = '') {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-generated-'));
  roots.push(root);
  chmodSync(root, 0o755);
  for (const folder of ['src', 'node_modules/prisma/build']) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['package.json', 'prisma', 'build'])
    cpSync(join(OURS, file), join(root, file), { recursive: true });
  const generator = join(root, 'node_modules/prisma/build/index.js');
  // What the code for the database has of the query compiler, as Prisma generates it.
  const loader = 'const { wasm } = await import("compiler.mjs")\\nreturn await decodeBase64AsWasm(wasm)';
  writeFileSync(join(root, 'node_modules/compiler.js'), "exports.wasm = ''");
  const writeGenerator = (then: string) =>
    writeFileSync(
      generator,
      `const { appendFileSync, mkdirSync, writeFileSync } = require('fs');
      appendFileSync('${root}/src/generated/runs', 'x');
      mkdirSync('${root}/src/generated/prisma/internal', { recursive: true });
      writeFileSync('${root}/src/generated/prisma/internal/class.ts', '${loader}');
      ${then}`,
    );
  writeGenerator(thenDo);
  const runs = join(root, 'src/generated/runs');
  return {
    root,
    writeGenerator,
    removeGenerator: () => rmSync(generator),
    runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').length : 0),
    /** As a command does before everything else; as someone who owns nothing, if we may become that. */
    run: (asStranger = false) => {
      const identity = asStranger && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'prisma/generate.ts')], {
        encoding: 'utf8',
        ...identity,
      });
      return { status, stderr };
    },
  };
}

const FINE = { status: 0, stderr: '' };

test('it is generated once, whatever the times of the files are', () => {
  const { root, run, runs } = checkout();
  expect([run(), runs()]).toEqual([FINE, 1]);
  expect([run(), runs()]).toEqual([FINE, 1]);
  utimesSync(join(root, 'prisma/schema.prisma'), new Date('2099-01-01'), new Date('2099-01-01'));
  expect([run(), runs()]).toEqual([FINE, 1]);
});

test('another schema or another version of a generator makes it again', () => {
  const { root, run, runs } = checkout();
  run();
  appendFileSync(join(root, 'prisma/schema.prisma'), '// changed\n');
  // Older than what was generated, as after a `git checkout` of something else.
  utimesSync(join(root, 'prisma/schema.prisma'), new Date('2001-01-01'), new Date('2001-01-01'));
  expect([run(), runs()]).toEqual([FINE, 2]);
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  writeFileSync(join(root, 'package.json'), manifest.replace(/"prisma": "[^"]+"/, '"prisma": "99.0.0"'));
  expect([run(), runs()]).toEqual([FINE, 3]);
});

test('a generator that fails says why, and runs again', () => {
  const { run, runs, writeGenerator } = checkout("console.error('the schema is wrong'); process.exit(1);");
  const refusal = 'Prisma could not generate the code for the database. the schema is wrong\n';
  expect(run()).toEqual({ status: 1, stderr: refusal });
  writeGenerator('');
  expect([run(), runs()]).toEqual([FINE, 2]);
  expect([run(), runs()]).toEqual([FINE, 2]);
});

test('a user who cannot write reads one sentence instead of a stack; what is generated is not asked about', () => {
  const { root, run } = checkout();
  chmodSync(join(root, 'src'), 0o555);
  expect(run(true)).toEqual({
    status: 1,
    stderr:
      'The generated code in src/generated is missing or belongs to another version, and this user cannot write there. ' +
      `Run \`npm run build\` as the owner of ${root}/.\n`,
  });
  chmodSync(join(root, 'src'), 0o755);
  run();
  chmodSync(join(root, 'src/generated'), 0o555);
  chmodSync(join(root, 'src'), 0o555);
  expect(run(true)).toEqual(FINE);
  chmodSync(join(root, 'src/generated'), 0o755);
});

test('without the generator, which a build removes, only matching code is fine', () => {
  const { root, run, removeGenerator } = checkout();
  run();
  removeGenerator();
  expect(run()).toEqual(FINE);
  appendFileSync(join(root, 'prisma/schema.prisma'), '// changed\n');
  expect(run()).toEqual({
    status: 1,
    stderr:
      'The generated code in src/generated is missing or belongs to another version, and the Prisma CLI that makes it ' +
      'is not installed. Run `npm ci` or, without the packages for development, `npm ci --omit=dev && npm run build`.\n',
  });
});
