/** How commands show accounts: never with the password hash. */
import { validate as isUuid } from 'uuid';
import { findUser } from '#capabilities/users/users.ts';
import type { Ctx } from '#core/context.ts';
import { shownEmailAddress } from '#core/input/email-address.ts';
import { UserNotFoundError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { detailsOf, tableOf } from '../terminal.ts';

/** What commands take for USER. */
export const USER_HELP = 'USER is the id, email address, username, or phone number of the account.';

/** Finds an account by id, email address, username or phone number. Fails with UserNotFoundError. */
export async function requireUser(ctx: Ctx, word: string): Promise<User> {
  const user = await findUser(ctx, isUuid(word) ? { id: word } : { identifier: word });
  if (user === null) throw new UserNotFoundError();
  return user;
}

/** An account as JSON. */
export function userJson({ passwordHash, ...user }: User) {
  return { ...user, hasPassword: passwordHash !== null };
}

/** An account as `name: value` lines. */
export function userDetails(user: User): string {
  const shown = shownEmailAddress(user.email);
  return detailsOf({
    id: user.id,
    name: user.name,
    email: shown === user.email ? shown : `${shown} (${user.email})`,
    username: user.username,
    phone: user.phone,
    role: user.role,
    language: user.locale,
    state: stateOf(user),
    password: user.passwordHash === null ? 'not set' : 'set',
    organization: user.tenantId,
    created: momentOf(user.createdAt),
  });
}

/** Accounts as a table. */
export function userTable(users: readonly User[]): string {
  return tableOf(
    ['ID', 'EMAIL', 'NAME', 'ROLE', 'STATE', 'CREATED'],
    users.map((user) => [
      user.id,
      shownEmailAddress(user.email),
      user.name,
      user.role,
      stateOf(user),
      momentOf(user.createdAt),
    ]),
  );
}

/** A time in UTC, to the second. */
export function momentOf(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function stateOf(user: User): string {
  const states = [
    user.disabledAt === null ? null : 'disabled',
    user.deletesAt === null ? null : 'scheduled for deletion',
    user.emailVerifiedAt === null ? 'not verified' : null,
  ].filter((state) => state !== null);
  return states.length === 0 ? 'active' : states.join(', ');
}
