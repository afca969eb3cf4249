/**
 * Where in src/ a stack trace of bundled code leads. Node could do it for every stack, but many an error that is an
 * answer, such as a wrong password, has one that nobody reads. So only what is logged is looked up.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in a file of a bundle; see src/bundle.ts. */
const PLACE = /(file:\/\/\S+\/bundle-[0-9a-f]{16}\/[\w.-]+\.mjs):(\d+):(\d+)/g;

/** Of each file, with 30 MB for all of them, once a stack has been looked up. Null for packages, which have none. */
const maps = new Map<string, SourceMap | null>();

/** The stack with the places of src/ instead of those of a bundle. */
export function inSources(stack: string): string {
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const origin = mapOf(file)?.findOrigin(Number(line), Number(column));
    return origin && 'fileName' in origin
      ? `${new URL(origin.fileName, file)}:${origin.lineNumber}:${origin.columnNumber}`
      : place;
  });
}

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  const path = `${fileURLToPath(file)}.map`;
  const map = existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null;
  maps.set(file, map);
  return map;
}
