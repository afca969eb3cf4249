/**
 * `prisma generate` without a download: the CLI asks for a schema engine it does not use here and would fetch it from
 * outside npm, so it is shown a file that exists. Skips the work when the client is newer than the schema. Every
 * command begins with this file.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import './installed-packages.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// Compiled code, and TypeScript without its types, of this start for the next: a fifth of the time of a start. Where
// the directory cannot be written, node goes on without.
enableCompileCache(path('../node_modules/.cache/latchkey'));

const generated = path('../src/generated/pothos-types.ts');
const isFresh = existsSync(generated) && statSync(generated).mtimeMs > statSync(path('./schema.prisma')).mtimeMs;

if (!isFresh) {
  execFileSync(
    process.execPath,
    [path('../node_modules/prisma/build/index.js'), 'generate', '--config', path('./prisma.config.ts')],
    {
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
      // Its chatter goes to stderr too; it becomes part of the error when the command fails.
      stdio: 'pipe',
    },
  );
}
