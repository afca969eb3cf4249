/** Commands for operators and developers: `npm run latchkey -- COMMAND`. Each has a file in `cli/`. */
import { existsSync } from 'node:fs';
import { runCommand } from './run-command.ts';

// The reader of our output may close it early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// The service reads .env too. Variables that are already set win.
if (existsSync('.env')) process.loadEnvFile('.env');
const { env, stdin, stdout, stderr } = process;
process.exitCode = await runCommand(process.argv.slice(2), { env, stdin, stdout, stderr });
