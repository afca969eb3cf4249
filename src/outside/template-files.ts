/** Reads the files of TEMPLATES_DIR. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from '#config/unreadable.ts';
import type { TemplateFile } from '#core/mail/templates/mail-templates.ts';
import { OperatorError } from '#errors/operator-error.ts';

const MAX_BYTES = 64 * 1024;

/**
 * The files in alphabetical order; none without a folder. Fails with OperatorError if it cannot be read. Names that
 * begin with a dot are not ours, such as the `..data` of a ConfigMap that Kubernetes mounts.
 */
export function readTemplateFiles(folder: string | null): TemplateFile[] {
  if (folder === null) return [];
  try {
    const names = readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
    return names.map((name) => ({ name, text: textOf(join(folder, name)) }));
  } catch (error) {
    const { path = folder } = error as NodeJS.ErrnoException;
    throw new OperatorError(`Invalid TEMPLATES_DIR:\n  ${unreadable(path, error)}`);
  }
}

/** Null if it is not text in UTF-8, or too large. */
function textOf(path: string): string | null {
  const { size } = statSync(path);
  if (size > MAX_BYTES) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
