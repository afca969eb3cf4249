/**
 * A session together with its user, as one row: the hot paths (token check, refresh) need one statement each, where
 * Prisma's query builder would run two. The compiler requires every column of both models here.
 */
import type { Session, User } from '#generated/prisma/client.ts';

export type SessionWithUser = { session: Session; user: User };

const SESSION_COLUMN_OF = {
  id: 'id',
  userId: 'user_id',
  generation: 'generation',
  rotatedAt: 'rotated_at',
  usedGeneration: 'used_generation',
  reissuedGeneration: 'reissued_generation',
  createdAt: 'created_at',
  lastUsedAt: 'last_used_at',
  expiresAt: 'expires_at',
  absoluteExpiresAt: 'absolute_expires_at',
  endedAt: 'ended_at',
  endReason: 'end_reason',
  ipAddress: 'ip_address',
  userAgent: 'user_agent',
  method: 'method',
  authenticatedAt: 'authenticated_at',
  rotates: 'rotates',
  usedElsewhereAt: 'used_elsewhere_at',
  refusedElsewhereAt: 'refused_elsewhere_at',
  isProvisional: 'is_provisional',
  amr: 'amr',
  secondFactorAt: 'second_factor_at',
  secondFactor: 'second_factor',
  deviceId: 'device_id',
  knownDeviceId: 'known_device_id',
} as const satisfies Record<keyof Session, string>;

const USER_COLUMN_OF = {
  id: 'id',
  name: 'name',
  email: 'email',
  username: 'username',
  phone: 'phone',
  passwordHash: 'password_hash',
  isPasswordless: 'is_passwordless',
  role: 'role',
  locale: 'locale',
  source: 'source',
  emailVerifiedAt: 'email_verified_at',
  disabledAt: 'disabled_at',
  deletesAt: 'deletes_at',
  hasSecondFactor: 'has_second_factor',
  secondFactorFailures: 'second_factor_failures',
  passwordSuspendedAt: 'password_suspended_at',
  passwordResetAt: 'password_reset_at',
  factorsResetAt: 'factors_reset_at',
  tenantId: 'tenant_id',
  invitationId: 'invitation_id',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof User, string>;

const SESSION_FIELDS = Object.keys(SESSION_COLUMN_OF);
const USER_FIELDS = Object.keys(USER_COLUMN_OF);

/** The select list; the alias of sessions must be `s`, that of users `u`. Read it with `Database.rows`. */
export const SESSION_WITH_USER_COLUMNS = [
  ...Object.values(SESSION_COLUMN_OF).map((column) => `s.${column}`),
  ...Object.values(USER_COLUMN_OF).map((column) => `u.${column}`),
].join(', ');

/** The select list of a user alone, under the alias `u`, named like the fields of the model. */
export const USER_COLUMNS = Object.entries(USER_COLUMN_OF)
  .map(([field, column]) => `u.${column} AS "${field}"`)
  .join(', ');

// Copies of an object that has all fields already share its shape, which the engine reads faster.
const NO_SESSION = Object.fromEntries(SESSION_FIELDS.map((field) => [field, null]));
const NO_USER = Object.fromEntries(USER_FIELDS.map((field) => [field, null]));

/** @param row the values of SESSION_WITH_USER_COLUMNS */
export function toSessionWithUser(row: readonly unknown[]): SessionWithUser {
  const session: Record<string, unknown> = { ...NO_SESSION };
  const user: Record<string, unknown> = { ...NO_USER };
  let column = 0;
  for (const field of SESSION_FIELDS) session[field] = row[column++];
  for (const field of USER_FIELDS) user[field] = row[column++];
  return { session: session as Session, user: user as User };
}
