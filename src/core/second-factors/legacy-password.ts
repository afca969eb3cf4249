/**
 * Legacy passwords: for REST clients that cannot be changed to ask for a second factor (LEGACY_PASSWORDS). Each is
 * random, is shown once, and signs in at the documented REST APIs only, in place of both factors. A session that it
 * opens is worth one factor and can never be raised. Never for administrators.
 *
 * A legacy password has 140 random bits, so a plain SHA-256 digest protects it (OWASP ASVS 5.0, 6.5.2 and 11.5.1), and
 * no password hash is spent on it.
 */
import { randomBytes } from 'node:crypto';
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import type { Ctx } from '#core/context.ts';
import { sha256 } from '#core/secrets.ts';
import { endSessionsWhere } from '#core/sessions/session.ts';
import { LEGACY_PASSWORD } from '#core/tokens/authentication-claims.ts';
import type { LegacyPassword, User } from '#generated/prisma/client.ts';
import { base32Of } from './base32.ts';

/** Distinguishes it from a password that someone chose. */
const PREFIX = 'lkp_';
/** Characters after the prefix: 5 bits each. */
const LENGTH = 28;
const FORM = new RegExp(`^${PREFIX}[0-9A-Z]{${LENGTH}}$`);

/** A legacy password that was recognized. */
export type LegacyMatch = Pick<LegacyPassword, 'id'>;

/** Whether the account may have any: that of an administrator would be a key to every account. */
export function mayHaveLegacyPasswords({ role }: Pick<User, 'role'>): boolean {
  return role !== ADMIN_ROLE;
}

/** A new legacy password, and its row. Call it in a transaction. */
export async function addLegacyPassword(
  tx: Ctx,
  userId: string,
  name: string,
): Promise<{ legacyPassword: LegacyPassword; password: string }> {
  const password = `${PREFIX}${base32Of(randomBytes(LENGTH))}`;
  const data = { userId, name, digest: sha256(password), createdAt: tx.clock() };
  return { legacyPassword: await tx.db.legacyPassword.create({ data }), password };
}

/**
 * The legacy password of this account that was typed; null for anything else. If no account has the identifier, it is
 * looked up all the same, so that the time reveals nothing.
 */
export async function matchLegacyPassword(ctx: Ctx, user: User | null, typed: string): Promise<LegacyMatch | null> {
  if (!ctx.config.legacyPasswords || !FORM.test(typed)) return null;
  const found = await ctx.db.legacyPassword.findUnique({ where: { digest: sha256(typed) } });
  if (found === null || user === null) return null;
  return found.userId === user.id && mayHaveLegacyPasswords(user) ? { id: found.id } : null;
}

/** Notes its use; false if it was removed. Call it in a transaction with the user locked. */
export async function useLegacyPassword(tx: Ctx, { id }: LegacyMatch): Promise<boolean> {
  const { count } = await tx.db.legacyPassword.updateMany({ where: { id }, data: { lastUsedAt: tx.clock() } });
  return count === 1;
}

/**
 * Removes one legacy password, or all of the person, and ends the sessions that any of them opened. Returns how many
 * were removed. Call it in a transaction with the user locked.
 */
export async function removeLegacyPasswords(tx: Ctx, userId: string, id?: string): Promise<number> {
  const { count } = await tx.db.legacyPassword.deleteMany({ where: { userId, ...(id !== undefined && { id }) } });
  if (count === 0) return 0;
  await endSessionsWhere(tx, { userId, method: LEGACY_PASSWORD }, 'legacy_password_removed');
  return count;
}
