/** Commands for operators and developers: `npm run latchkey -- COMMAND`. What they do is in `cli/`. */
import { runCommand } from './cli/run-command.ts';

// Whoever reads our output may have had enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const { env, stdin, stdout, stderr } = process;
process.exitCode = await runCommand(process.argv.slice(2), { env, stdin, stdout, stderr });
