/**
 * Stops with one sentence on a Node that cannot run this service. JavaScript, and nothing newer than ES2015: an older
 * Node would fail at the first line of TypeScript, with a stack.
 */

/** The oldest version whose JavaScript can do all that src/ uses, and which reads TypeScript by itself. */
const OLDEST_NODE = 24;

const { node } = process.versions;
if (Number.parseInt(node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `Latchkey runs on Node ${OLDEST_NODE} or newer, and this is Node ${node}. npm installs a newer one with the ` +
      'packages, unless optional packages are left out: run `npm ci`, or install Node ' +
      `${OLDEST_NODE}.\n`,
  );
  process.exit(1);
}
