/**
 * Opens a session for someone who has just authenticated. Only the gate (core/sign-in/gate.ts) imports this: every way
 * to sign in passes it. The statement itself refuses an account with a second factor, unless the gate has admitted it.
 */
import { v7 as uuid } from 'uuid';
import { logEvents, sessionRef } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { knownSince } from '#core/devices/device-life.ts';
import { deviceToken, type PresentedDevice } from '#core/devices/device-token.ts';
import { secondsAfter } from '#core/time.ts';
import type { AccessTokenOptions } from '#core/tokens/access-token.ts';
import type { FirstFactor, SessionFactor } from '#core/tokens/authentication-claims.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import { OPEN } from './batches/open-statements.ts';
import type { NewSession, Opened } from './batches/session-opener.ts';
import { type SessionEndReason, type SignedIn, tokensOf } from './session.ts';

/** What a client may choose when it opens a session. */
export type SessionOptions = AccessTokenOptions & {
  /** False for clients that keep their refresh token when they refresh. */
  rotates?: boolean;
};

/** Why the gate opens a session. */
export type Admission = {
  method: FirstFactor;
  /** Values of RFC 8176 for what was verified, and `email`. */
  amr: readonly string[];
  /** The second factor that was verified, or the trusted device that stands in for it. A legacy password does, too. */
  secondFactor?: SessionFactor;
  deviceId?: string;
  /** The device that the client says it is on. */
  presented?: PresentedDevice | null;
};

/** A new session, and what its device keeps from now on. */
export type OpenedSession = SignedIn & {
  /** Whether the device was not known before; also for clients that cannot keep a device token. */
  isNewDevice: boolean;
};

/**
 * The new session and its tokens; null if the password was changed, the account disabled, or a second factor is needed.
 * In a transaction, it is opened with the commit.
 */
export async function openSession(
  ctx: Ctx,
  user: User,
  { method, amr, secondFactor, deviceId, presented = null }: Admission,
  { rotates = true, ...options }: SessionOptions,
): Promise<OpenedSession | null> {
  const now = ctx.clock();
  const { ipAddress, userAgent, requestId } = ctx.caller;
  const absoluteExpiresAt = secondsAfter(now, ctx.config.sessionTtlSeconds);
  const idleEnd = secondsAfter(now, ctx.config.sessionIdleTtlSeconds);
  const session: Session = {
    id: uuid(),
    userId: user.id,
    generation: 1,
    rotatedAt: null,
    usedGeneration: 1,
    reissuedGeneration: null,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: idleEnd < absoluteExpiresAt ? idleEnd : absoluteExpiresAt,
    absoluteExpiresAt,
    endedAt: null,
    endReason: null,
    ipAddress,
    userAgent,
    method,
    authenticatedAt: now,
    rotates,
    usedElsewhereAt: null,
    refusedElsewhereAt: null,
    isProvisional: false,
    amr: [...amr],
    secondFactorAt: secondFactor === undefined ? null : now,
    secondFactor: secondFactor ?? null,
    deviceId: deviceId ?? null,
    knownDeviceId: null,
  };
  const [completed, limited] = [uuid(), uuid()];
  const reference = sessionRef(ctx, session.id);
  const opened = await write(ctx, {
    session_id: session.id,
    user_id: user.id,
    password_hash: user.passwordHash,
    opened_at: now,
    expires_at: session.expiresAt,
    absolute_expires_at: absoluteExpiresAt,
    ip_address: ipAddress,
    user_agent: userAgent,
    request_id: requestId,
    method,
    rotates,
    amr: amr.join(' '),
    second_factor: session.secondFactor,
    device_id: session.deviceId,
    is_admitted: secondFactor !== undefined || deviceId !== undefined || method === 'legacy-password',
    presented_id: presented?.id ?? null,
    presented_generation: presented?.generation ?? 0,
    known_since: knownSince(now),
    // Only clients of GraphQL can keep the token of a device.
    new_device_id: ctx.deviceCookie === null ? null : uuid(),
    completed_id: completed,
    limited_id: limited,
    session_ref: reference,
  });
  ctx.trail.userId ??= user.id;
  if (opened === null) return null;
  const event = {
    outcome: 'SUCCESS',
    subjectId: user.id,
    actorId: user.id,
    sessionRef: reference,
    organizationId: null,
    ipAddress,
    requestId,
    origin: 'request',
    occurredAt: now,
  };
  ctx.afterCommit(() => {
    ctx.metrics?.sessionOpened(method);
    ctx.metrics?.sessionsEnded('too_many_sessions' satisfies SessionEndReason, opened.ended);
  });
  logEvents(ctx, [
    { ...event, id: completed, name: 'login.completed', method, amr: [...amr] },
    ...(opened.ended > 0 ? [{ ...event, id: limited, name: 'session_limit.reached', method: null, amr: [] }] : []),
  ]);
  const { deviceId: id, deviceGeneration: number } = opened;
  const tokens = tokensOf(ctx, user, session, options);
  if (id === null || number === null) return { tokens, user, session, isNewDevice: true };
  return {
    tokens: { ...tokens, deviceToken: deviceToken(ctx.secrets, { id, generation: number }) },
    user,
    session: { ...session, knownDeviceId: id },
    isNewDevice: id !== presented?.id,
  };
}

/** Together with others, or as part of the current transaction. */
async function write(ctx: Ctx, session: NewSession): Promise<Opened | null> {
  if (ctx.db === ctx.database.prisma) return ctx.sessionOpener.open(session);
  const [opened] = await ctx.db.$queryRawUnsafe<Opened[]>(OPEN.text, JSON.stringify([session]));
  return opened ?? null;
}
