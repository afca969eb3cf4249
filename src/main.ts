/** The server: as `npm run build` bundled it, if that was from these very sources, and as it is in src/ otherwise. */
import { bundled } from './bundle.ts';

await import(bundled('server') ?? './server.ts');
