/** The Node of the machine, as opposed to the one in node_modules, which `npm run` puts first in PATH. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Fails on a Node that is too old. */
const CHECK = join(fileURLToPath(new URL('..', import.meta.url)), 'prisma/node-version.mjs');

/** Where it is, if it can run this service: new enough, and able to run TypeScript. Null otherwise. */
export function findMachineNode(searchPath: string): string | null {
  const directories = searchPath.split(delimiter).filter((it) => it !== '' && !it.split(sep).includes('node_modules'));
  const node = directories.map((directory) => join(directory, 'node')).find((file) => existsSync(file));
  if (node === undefined) return null;
  try {
    execFileSync(node, [CHECK], { stdio: 'ignore' });
    const typescript = execFileSync(node, ['-p', 'process.features.typescript'], { encoding: 'utf8' });
    return typescript.trim() === 'strip' ? node : null;
  } catch {
    return null;
  }
}
