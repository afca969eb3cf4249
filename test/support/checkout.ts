/** Another checkout of this version, with the packages of this one. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OURS = fileURLToPath(new URL('../..', import.meta.url));

/** As cloned: nothing is generated, compiled or built yet. @returns its directory, which the caller removes */
export function copyCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-checkout-'));
  for (const path of ['package.json', 'package-lock.json', 'build', 'prisma', 'src']) {
    const filter = (source: string) => source !== join(OURS, 'src/generated');
    cpSync(join(OURS, path), join(root, path), { recursive: true, filter });
  }
  const packages = join(OURS, 'node_modules');
  mkdirSync(join(root, 'node_modules'));
  copyFileSync(join(packages, '.package-lock.json'), join(root, 'node_modules/.package-lock.json'));
  for (const name of readdirSync(packages).filter((name) => name === '.bin' || !name.startsWith('.')))
    symlinkSync(join(packages, name), join(root, 'node_modules', name));
  return root;
}
