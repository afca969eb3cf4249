/** Commands for operators and developers: `npm run latchkey -- COMMAND`. Bundled or not, as main.ts explains. */
import { bundled } from './bundle.ts';

await import(bundled('commands') ?? './cli/process.ts');
