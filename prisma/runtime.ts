/**
 * How Node runs every command: it keeps compiled code for the next one, and is spared what costs more than it brings.
 * Before anything else is loaded: what was compiled with other flags does not count as compiled.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url));

// Compiled code, and TypeScript without its types, of this start for the next: a fifth of the time of a start. Where
// the directory cannot be written, Node goes on without.
enableCompileCache(CACHE);
// For the threads that hash passwords, too: each would load what strips types, 10 MB.
process.env['NODE_COMPILE_CACHE'] ??= CACHE;

// WebAssembly is compiled once and not optimized. Optimizing the SQL parser of the embedded database alone takes 600 MB
// and half a second of a start, after which a query takes a fifth less time.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
