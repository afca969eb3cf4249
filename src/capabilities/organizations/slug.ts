/**
 * Slugs: the names of organizations in addresses. A slug that was given up still leads to its organization for a while
 * and is nobody else's, so that old links do not end at strangers; the last few of them.
 */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from '#core/input/field-errors.ts';
import { plainSlug, randomSlug } from '#core/organizations/plain-slug.ts';
import { daysAfter } from '#core/time.ts';

const KEPT_DAYS = 90;
/** Of one organization; with more, renaming again and again would take slugs away from everybody else. */
const KEPT_SLUGS = 5;
const FORM = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LENGTH = { least: 2, most: 63 };

/** A slug as a field of an input, lower-cased: a-z, 0-9 and single hyphens between them. */
export function acceptSlug(input: string, errors: FieldErrors): string {
  const slug = input.trim().toLowerCase();
  if (slug.length < LENGTH.least) errors.add('slug', 'TOO_SHORT', `A slug has at least ${LENGTH.least} characters.`);
  else if (slug.length > LENGTH.most) errors.add('slug', 'TOO_LONG', `A slug has at most ${LENGTH.most} characters.`);
  else if (!FORM.test(slug)) errors.add('slug', 'INVALID_FORMAT', 'A slug is made of a-z, 0-9 and single hyphens.');
  return slug;
}

/** A slug for a new organization of this name: the plain one if it is free, else with a random end. */
export async function newSlug(tx: Ctx, name: string): Promise<string> {
  const slug = plainSlug(name);
  await lockSlugs(tx, [slug]);
  return (await isFree(tx, slug, null)) ? slug : randomSlug(name);
}

/** Gives the organization another slug and keeps the old one for it; false when somebody else has the new one. */
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

/** The organization a slug leads to, also one it had until a while ago; null when there is none. */
export async function findBySlug(ctx: Ctx, input: string): Promise<string | null> {
  const slug = input.trim().toLowerCase();
  // Nothing else was ever a slug, and PostgreSQL takes no NUL in a text.
  if (!/^[a-z0-9-]+$/.test(slug)) return null;
  const current = await ctx.db.organization.findUnique({ where: { slug }, select: { id: true } });
  if (current !== null) return current.id;
  const former = await ctx.db.formerSlug.findUnique({ where: { slug } });
  return former !== null && former.expiresAt > ctx.clock() ? former.organizationId : null;
}

/** Whether the organization may take the slug. One that it gave up, or whose time is over, is taken out of keeping. */
async function isFree(tx: Ctx, slug: string, organizationId: string | null): Promise<boolean> {
  if ((await tx.db.organization.count({ where: { slug } })) > 0) return false;
  const former = await tx.db.formerSlug.findUnique({ where: { slug } });
  if (former === null) return true;
  if (former.organizationId !== organizationId && former.expiresAt > tx.clock()) return false;
  await tx.db.formerSlug.deleteMany({ where: { slug } });
  return true;
}

/** One change of a slug at a time, whichever table has it; in a fixed order, so that two never wait for each other. */
async function lockSlugs(tx: Ctx, slugs: readonly string[]): Promise<void> {
  for (const slug of [...slugs].sort()) {
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`slug ${slug}`}, 0))`;
  }
}
