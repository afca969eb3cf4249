/** The Node of the machine, as opposed to the one in node_modules, which `npm run` puts first in PATH. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/** The oldest version whose JavaScript can do all that src/ uses. */
const OLDEST = 24;
const REPORT = 'JSON.stringify([parseInt(process.versions.node), process.features.typescript ?? false])';

/** Where it is, if it can run this service: new enough, and able to run TypeScript. Null otherwise. */
export function findMachineNode(searchPath: string): string | null {
  const directories = searchPath.split(delimiter).filter((it) => it !== '' && !it.split(sep).includes('node_modules'));
  const node = directories.map((directory) => join(directory, 'node')).find((file) => existsSync(file));
  if (node === undefined) return null;
  try {
    const report = execFileSync(node, ['-p', REPORT], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [major, typescript] = JSON.parse(report);
    return major >= OLDEST && typescript === 'strip' ? node : null;
  } catch {
    return null;
  }
}
