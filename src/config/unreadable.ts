/** What is wrong with a file that a setting names and that cannot be read: why, and which. */
export function unreadable(path: string, error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return `cannot be read${typeof code === 'string' ? ` (${code})` : ''}: ${path}`;
}
