/** The slug that a name makes: what an organization is called in addresses until somebody chooses another. */
import { randomBytes } from 'node:crypto';

/** A name in a form for URLs: lowercase letters, digits, and hyphens; `team` if nothing is left. */
export function plainSlug(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
      .replace(/^-+|-+$/g, '') || 'team'
  );
}

/** With 40 random bits at the end: names may repeat, slugs may not. */
export function randomSlug(name: string): string {
  return `${plainSlug(name)}-${randomBytes(5).toString('hex')}`;
}
