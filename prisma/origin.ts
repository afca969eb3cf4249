/** What src/generated was generated from, and what it should be generated from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Written last: what the code next to it was generated from. */
export const ORIGIN = path('../src/generated/origin.txt');

export function isGenerated(): boolean {
  return existsSync(ORIGIN) && readFileSync(ORIGIN, 'utf8') === currentOrigin();
}

/** The content of the schema and the versions of the generators. Times of files say nothing: git and npm set them. */
export function currentOrigin(): string {
  const { dependencies } = JSON.parse(readFileSync(path('../package.json'), 'utf8'));
  const versions = ['prisma', '@prisma/client', '@pothos/plugin-prisma'].map((name) => `${name} ${dependencies[name]}`);
  const files = ['schema.prisma', 'generate.ts'].map((name) => `${name} ${digestOf(path(`./${name}`))}`);
  return `${[...files, ...versions].join('\n')}\n`;
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
