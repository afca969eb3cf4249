/**
 * Find one account by its id or an identifier, or list all of them with search and filters. For administrators.
 *
 * A search finds the accounts where each of its words begins a word of the name, email address, username, or phone
 * number, or the account with this id: `hopper`, `gra hop`, `@example.org`, `example.org`. Case and accents do not
 * matter. The index `users_search_idx` holds these words (prisma/migrations/20261127043000_user_search), so that it
 * stays fast with very many accounts. Wildcards are not supported.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { validate as isUuid } from 'uuid';
import { requireAdministrator } from '#core/accounts/administrator.ts';
import type { Ctx } from '#core/context.ts';
import { asciiDomain } from '#core/input/domain-name.ts';
import { parseIdentifier, parsePhone } from '#core/input/identifier.ts';
import { parseId } from '#core/input/uuid.ts';
import { readLate } from '#core/late-reads.ts';
import { actsAsAdmin } from '#core/sessions/second-factor-policy.ts';
import { USER_COLUMNS } from '#core/sessions/session-columns.ts';
import { Prisma, type User } from '#generated/prisma/client.ts';

/** Selects accounts; a filter that is absent or null is ignored. */
export type UserFilter = {
  search?: string | null | undefined;
  role?: string | null | undefined;
  isVerified?: boolean | null | undefined;
  isDisabled?: boolean | null | undefined;
};

/** By the time the account was created. */
export type UserOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST';

export type UserPage = UserFilter & {
  orderBy: UserOrder;
  /** Maximum number of accounts. */
  limit: number;
  /** Only accounts after the one with this id. */
  after?: string | null | undefined;
  /** Only accounts before the one with this id. */
  before?: string | null | undefined;
  /** Starts from the end, last ones first. */
  isInverted?: boolean;
};

/** The accounts of a page, in order. */
export async function listUsers(ctx: Ctx, page: UserPage): Promise<User[]> {
  await requireAdministrator(ctx);
  const { orderBy, limit, after, before, isInverted = false, ...filter } = page;
  const [older, newer] = orderBy === 'NEWEST_FIRST' ? [after, before] : [before, after];
  const conditions = [
    ...conditionsOf(filter),
    ...(older == null ? [] : [Prisma.sql`(u.created_at, u.id) < ${placeOf(older)}`]),
    ...(newer == null ? [] : [Prisma.sql`(u.created_at, u.id) > ${placeOf(newer)}`]),
  ];
  const direction = Prisma.raw((orderBy === 'NEWEST_FIRST') !== isInverted ? 'DESC' : 'ASC');
  const isLaterPage = older != null || newer != null;
  const found = await readLate(ctx, async ({ db }) => {
    const users = await db.$queryRaw<User[]>`
      SELECT ${Prisma.raw(USER_COLUMNS)} FROM users u WHERE ${Prisma.join(conditions, ' AND ')}
       ORDER BY u.created_at ${direction}, u.id ${direction} LIMIT ${limit}`;
    // The account that the page begins after may not be there yet.
    return isLaterPage && users.length === 0 ? null : users;
  });
  return found ?? [];
}

function placeOf(id: string): Prisma.Sql {
  return Prisma.sql`(SELECT p.created_at, p.id FROM users p WHERE p.id = ${id}::uuid)`;
}

/** The number of accounts on all pages. */
export async function countUsers(ctx: Ctx, filter: UserFilter): Promise<number> {
  await requireAdministrator(ctx);
  return readLate(ctx, async ({ db }) => {
    const [row] = await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM users u WHERE ${Prisma.join(conditionsOf(filter), ' AND ')}`;
    return row?.count ?? 0;
  });
}

/** The account with this id, email address, username, or phone number; null if there is none. */
export async function findUser(ctx: Ctx, by: { id: string } | { identifier: string }): Promise<User | null> {
  await requireAdministrator(ctx);
  if ('id' in by) return isUuid(by.id) ? ctx.db.user.findUnique({ where: { id: by.id } }) : null;
  const identifier = parseIdentifier(by.identifier);
  if (identifier === null) return null;
  const { kind, value } = identifier;
  if (kind === 'email') return ctx.db.user.findUnique({ where: { email: value } });
  return ctx.db.user.findUnique({ where: kind === 'username' ? { username: value } : { phone: value } });
}

/**
 * For each id, in order: the account, if it is the viewer's own or the viewer an administrator; otherwise null, as for
 * one that does not exist. Fails with UnauthenticatedError for a bad token.
 */
export async function findVisibleUsers(ctx: Ctx, ids: readonly string[]): Promise<(User | null)[]> {
  const viewer = await ctx.viewer();
  if (viewer === null) return ids.map(() => null);
  const wanted = ids.map((id) => parseId(id));
  const found = actsAsAdmin(ctx.config, viewer)
    ? await ctx.db.user.findMany({ where: { id: { in: wanted.filter((id) => id !== null) } } })
    : [viewer.user];
  return wanted.map((id) => found.find((user) => user.id === id) ?? null);
}

/** Since when an account is disabled; null unless the viewer is an administrator. Its owner is not signed in anyway. */
export async function findDisabledAt(ctx: Ctx, user: User): Promise<Date | null> {
  const viewer = await ctx.viewer();
  return viewer !== null && actsAsAdmin(ctx.config, viewer) ? user.disabledAt : null;
}

function conditionsOf({ search, role, isVerified, isDisabled }: UserFilter): Prisma.Sql[] {
  const text = search?.trim() ?? '';
  return [
    Prisma.sql`true`,
    ...(text === '' ? [] : [searchCondition(text)]),
    ...(role == null ? [] : [isStorable(role) ? Prisma.sql`u.role = ${role}` : NOTHING]),
    ...(isVerified == null ? [] : [isVerified ? Prisma.sql`u.email_verified_at IS NOT NULL` : UNVERIFIED]),
    ...(isDisabled == null ? [] : [isDisabled ? DISABLED : Prisma.sql`u.disabled_at IS NULL`]),
  ];
}

const NOTHING = Prisma.sql`false`;
const UNVERIFIED = Prisma.sql`u.email_verified_at IS NULL`;
const DISABLED = Prisma.sql`u.disabled_at IS NOT NULL`;
/** No searchable value is longer. */
const MAX_SEARCH_LENGTH = 254;

function searchCondition(text: string): Prisma.Sql {
  if (!isStorable(text) || text.length > MAX_SEARCH_LENGTH) return NOTHING;
  if (isUuid(text)) return Prisma.sql`u.id = ${text}::uuid`;
  const readings = [text, parsePhone(text), startOfPhoneIn(text), asciiAddressIn(text)].filter(
    (reading) => reading !== null,
  );
  const queries = readings.map((reading) => Prisma.sql`user_search_query(${reading})`);
  return Prisma.sql`user_search_words(u.name, u.email, u.username, u.phone) @@ (${Prisma.join(queries, ' || ')})`;
}

/** The beginning of a phone number as it is stored, in E.164, if the text can be one. */
function startOfPhoneIn(text: string): string | null {
  const digits = text
    .replace('(0)', '')
    .replace(/[\s().+-]/g, '')
    .replace(/^00/, '');
  return /^[1-9][0-9]{1,14}$/.test(digits) ? `+${digits}` : null;
}

/** An address or `@` and a domain as it is stored, with the domain in ASCII. */
function asciiAddressIn(text: string): string | null {
  const at = text.indexOf('@');
  const domain = at < 0 ? null : asciiDomain(text.slice(at + 1));
  return domain === null ? null : `${text.slice(0, at)}@${domain}`;
}

/** PostgreSQL cannot store NUL in a text, so no account can match. */
function isStorable(text: string): boolean {
  return !text.includes('\0');
}
