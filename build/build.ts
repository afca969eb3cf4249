/**
 * `npm run build`: all that is written outside DATA_DIR is written now, so that the service can run as a user who can
 * write nothing else.
 *
 *   --user NAME   whose processes will be the service, if not those of the user who builds: a name or a number
 *
 * 1. Generates the database client.
 * 2. Bundles the code, of which later starts read a few files instead of 1,600.
 * 3. Makes the empty database that every new embedded one begins as.
 * 4. After `npm ci --omit=dev`: removes what a running service never loads, and the Node from npm if that of the
 *    machine can run the service.
 * 5. Starts the service once, so that later starts find compiled code.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import '../prisma/runtime.ts';
import { makeBundle } from './bundle.ts';
import { lockCache } from './cache-lock.ts';
import { shareCompiledCode } from './compiled-code.ts';
import { makeEmptyDatabase } from './empty-database.ts';
import { findMachineNode } from './machine-node.ts';
import { hasDevelopmentPackages, INSTALLED, LOCK, readLock } from './packages.ts';
import { prune } from './prune.ts';
import { startOnce } from './trial-start.ts';

const { values } = parseArgs({ options: { user: { type: 'string' } } });
const say = (line: string) => process.stdout.write(`${line}\n`);

const release = lockCache();
await import('../prisma/generate.ts');
say('Generated the database client.');
const [wanted, installed] = [readLock(LOCK), readLock(INSTALLED)];
const machineNode = findMachineNode(process.env['PATH'] ?? '');
let node = process.execPath;
if (installed !== null) {
  await makeBundle();
  say('Bundled the code.');
}
await makeEmptyDatabase();
if (wanted !== null && installed !== null && !hasDevelopmentPackages(installed)) {
  prune(wanted, installed, machineNode === null);
  node = machineNode ?? node;
  say('Removed packages that only a build needs.');
}
release?.();
const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
await startOnce(node);
if (values.user !== undefined) shareCompiledCode(values.user);
say(`Started the service once, on Node ${version} (${node}). It can be started by \`npm start\`.`);
