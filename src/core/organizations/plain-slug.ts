/** The slug derived from a name: the name of an organization in URLs until someone chooses another. */
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

/** The same with 40 random bits at the end, because names may repeat, but slugs may not. */
export function randomSlug(name: string): string {
  return `${plainSlug(name)}-${randomBytes(5).toString('hex')}`;
}
