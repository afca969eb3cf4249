/** Every command begins with this file: the Node of the command first, then what has been generated and installed. */
import './node-version.mjs';

// Not before the line above: an older Node cannot read it.
await import('./generate.ts');
