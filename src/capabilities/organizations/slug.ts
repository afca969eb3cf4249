/**
 * Slugs: the names of organizations in URLs. The last few former slugs of an organization still find it for a while,
 * and nobody else can take them, so that old links do not lead to a stranger's organization.
 */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from '#core/input/field-errors.ts';
import { plainSlug, randomSlug } from '#core/organizations/plain-slug.ts';
import { daysAfter } from '#core/time.ts';

const KEPT_DAYS = 90;
/** Former slugs kept per organization; without a limit, repeated renaming would take slugs away from everyone else. */
const KEPT_SLUGS = 5;
const FORM = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LENGTH = { least: 2, most: 63 };

/** The slug in an input field, lowercased: a-z, 0-9, and single hyphens in between. */
export function acceptSlug(input: string, errors: FieldErrors): string {
  const slug = input.trim().toLowerCase();
  if (slug.length < LENGTH.least)
    errors.add('slug', 'TOO_SHORT', `A slug must have at least ${LENGTH.least} characters.`);
  else if (slug.length > LENGTH.most)
    errors.add('slug', 'TOO_LONG', `A slug can have at most ${LENGTH.most} characters.`);
  else if (!FORM.test(slug))
    errors.add('slug', 'INVALID_FORMAT', 'A slug may contain only a-z, 0-9, and single hyphens.');
  return slug;
}

/** A slug for a new organization of this name, with a random suffix if the plain one is taken. */
export async function newSlug(tx: Ctx, name: string): Promise<string> {
  const slug = plainSlug(name);
  await lockSlugs(tx, [slug]);
  return (await isFree(tx, slug, null)) ? slug : randomSlug(name);
}

/** Changes the slug of the organization and keeps the old one for it; false if the new one is taken. */
export async function changeSlug(tx: Ctx, organization: { id: string; slug: string }, slug: string): Promise<boolean> {
  if (slug === organization.slug) return true;
  await lockSlugs(tx, [organization.slug, slug]);
  if (!(await isFree(tx, slug, organization.id))) return false;
  const expiresAt = daysAfter(tx.clock(), KEPT_DAYS);
  await tx.db.organization.update({ where: { id: organization.id }, data: { slug } });
  await tx.db.formerSlug.create({ data: { slug: organization.slug, organizationId: organization.id, expiresAt } });
  await tx.db.$executeRaw`
    DELETE FROM former_slugs WHERE slug IN (
      SELECT slug FROM former_slugs WHERE organization_id = ${organization.id}::uuid
       ORDER BY expires_at DESC, slug OFFSET ${KEPT_SLUGS})`;
  return true;
}

/** The organization with this current or former slug; null if there is none. */
export async function findBySlug(ctx: Ctx, input: string): Promise<string | null> {
  const slug = input.trim().toLowerCase();
  // Nothing else was ever a slug, and PostgreSQL takes no NUL in a text.
  if (!/^[a-z0-9-]+$/.test(slug)) return null;
  const current = await ctx.db.organization.findUnique({ where: { slug }, select: { id: true } });
  if (current !== null) return current.id;
  const former = await ctx.db.formerSlug.findUnique({ where: { slug } });
  return former !== null && former.expiresAt > ctx.clock() ? former.organizationId : null;
}

/** Whether the organization may take the slug. Releases a former slug that is its own or has expired. */
async function isFree(tx: Ctx, slug: string, organizationId: string | null): Promise<boolean> {
  if ((await tx.db.organization.count({ where: { slug } })) > 0) return false;
  const former = await tx.db.formerSlug.findUnique({ where: { slug } });
  if (former === null) return true;
  if (former.organizationId !== organizationId && former.expiresAt > tx.clock()) return false;
  await tx.db.formerSlug.deleteMany({ where: { slug } });
  return true;
}

/** Locks slugs in both tables, in a fixed order, so that two changes never deadlock. */
async function lockSlugs(tx: Ctx, slugs: readonly string[]): Promise<void> {
  for (const slug of [...slugs].sort()) {
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`slug ${slug}`}, 0))`;
  }
}
