/** Commands for operators and developers: `npm run latchkey -- COMMAND`. What they do is in `cli/`. */
import { existsSync } from 'node:fs';
import { runCommand } from './cli/run-command.ts';

// Whoever reads our output may have had enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// As the service is started with it. What the environment has already wins.
if (existsSync('.env')) process.loadEnvFile('.env');
const { env, stdin, stdout, stderr } = process;
process.exitCode = await runCommand(process.argv.slice(2), { env, stdin, stdout, stderr });
