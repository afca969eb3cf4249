/**
 * Makes sure that the generated code belongs to this version. After `npm run build` there is nothing left to do, and
 * nothing is written.
 *
 * `prisma generate` runs without a download: the CLI asks for a schema engine that it does not use here and would fetch
 * from outside npm, so it is shown a file that exists.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import './runtime.ts';
import './installed-packages.ts';
import { currentOrigin, isGenerated, ORIGIN } from './origin.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const GENERATED = path('../src/generated');
const CLI = path('../node_modules/prisma/build/index.js');
/** Of the generated code: what loads the query compiler, and the query compiler. */
const LOADER = path('../src/generated/prisma/internal/class.ts');
const COMPILER = path('../src/generated/prisma/query-compiler.wasm');

if (!isGenerated()) generate();

function generate(): void {
  const problem = 'The generated code in src/generated is missing or belongs to another version';
  if (!existsSync(CLI)) {
    stop(
      `${problem}, and the Prisma CLI that makes it is not installed. Run \`npm ci\` or, without the packages for ` +
        'development, `npm ci --omit=dev && npm run build`.',
    );
  }
  if (!isWritable())
    stop(`${problem}, and this user cannot write there. Run \`npm run build\` as the owner of ${path('..')}.`);
  rmSync(ORIGIN, { force: true });
  try {
    execFileSync(process.execPath, [CLI, 'generate', '--config', path('./prisma.config.ts')], {
      env: {
        ...process.env,
        // The CLI looks for the generator of Pothos there; `npm run` has put it there already.
        PATH: `${path('../node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
      // Its chatter goes to stderr too.
      stdio: 'pipe',
      encoding: 'utf8',
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    stop(`Prisma could not generate the code for the database. ${stderr?.trim() || String(error)}`);
  }
  moveCompilerToFile();
  writeFileSync(ORIGIN, currentOrigin());
}

/**
 * The query compiler is WebAssembly, which Prisma has as text in a module. Of the module, Node would keep the source,
 * the text, and the compiled code, 7 MB in all. Of a file it keeps nothing.
 */
function moveCompilerToFile(): void {
  const code = readFileSync(LOADER, 'utf8');
  const asText = /const \{ wasm \} = await import\("(.+)\.mjs"\)\s+return await decodeBase64AsWasm\(wasm\)/;
  const module = asText.exec(code)?.[1];
  if (module === undefined) stop(`Prisma generates other code than it did: nothing in ${LOADER} matches ${asText}.`);
  const { wasm } = createRequire(import.meta.url)(`${module}.js`) as { wasm: string };
  writeFileSync(COMPILER, Buffer.from(wasm, 'base64'));
  const asFile = `const { readFileSync } = await import('node:fs')
    return new WebAssembly.Module(readFileSync(new URL('../query-compiler.wasm', import.meta.url)))`;
  writeFileSync(
    LOADER,
    code.replace(asText, () => asFile),
  );
}

function isWritable(): boolean {
  try {
    mkdirSync(GENERATED, { recursive: true });
    accessSync(GENERATED, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function stop(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
