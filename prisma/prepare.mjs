/** Every command begins with this file: the Node of the command first, then what it needs and is not there yet. */
import './node-version.mjs';

// Not before the line above: an older Node cannot read it.
await import('../build/first-start.ts');
