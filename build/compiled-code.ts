/** Compiled code for a user who cannot write it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url));

/**
 * Node keeps compiled code in a folder for each user, whose name ends with the number of the user. Lets another user
 * read the folder of this one.
 */
export function shareCompiledCode(user: string): void {
  const own = String(process.getuid?.());
  const other = /^\d+$/.test(user) ? user : execFileSync('id', ['-u', user], { encoding: 'utf8' }).trim();
  if (other === own) return;
  for (const folder of readdirSync(CACHE).filter((name) => name.endsWith(`-${own}`))) {
    for (const file of readdirSync(join(CACHE, folder))) chmodSync(join(CACHE, folder, file), 0o644);
    chmodSync(join(CACHE, folder), 0o755);
    const link = join(CACHE, `${folder.slice(0, -own.length)}${other}`);
    rmSync(link, { recursive: true, force: true });
    symlinkSync(folder, link);
  }
}
