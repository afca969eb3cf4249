/**
 * A session together with its user, as one row: the hot paths (token check, refresh) need one statement each, where
 * Prisma's query builder would run two. The compiler requires every column of both models here.
 */
import type { Session, User } from '#generated/prisma/client.ts';

export type SessionWithUser = { session: Session; user: User };
export type SessionWithUserRow = { [K in keyof Session as `s_${K}`]: Session[K] } & {
  [K in keyof User as `u_${K}`]: User[K];
};

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
  isProvisional: 'is_provisional',
  amr: 'amr',
  secondFactorAt: 'second_factor_at',
  secondFactor: 'second_factor',
  deviceId: 'device_id',
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

const SESSION_FIELDS = Object.entries(SESSION_COLUMN_OF);
const USER_FIELDS = Object.entries(USER_COLUMN_OF);

/** The select list; the alias of sessions must be `s`, that of users `u`. */
export const SESSION_WITH_USER_COLUMNS = [
  ...SESSION_FIELDS.map(([field, column]) => `s.${column} AS "s_${field}"`),
  ...USER_FIELDS.map(([field, column]) => `u.${column} AS "u_${field}"`),
].join(', ');

/** The select list of a user alone, under the alias `u`, named like the fields of the model. */
export const USER_COLUMNS = USER_FIELDS.map(([field, column]) => `u.${column} AS "${field}"`).join(', ');

export function toSessionWithUser(row: SessionWithUserRow): SessionWithUser {
  return { session: pick(row, 's_', SESSION_FIELDS) as Session, user: pick(row, 'u_', USER_FIELDS) as User };
}

function pick(row: SessionWithUserRow, prefix: 's_' | 'u_', fields: [string, string][]): object {
  const picked: Record<string, unknown> = {};
  for (const [field] of fields) picked[field] = row[`${prefix}${field}` as keyof SessionWithUserRow];
  return picked;
}
