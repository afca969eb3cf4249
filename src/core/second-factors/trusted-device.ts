/**
 * Devices that a person trusts for 30 days: there, the first factor alone signs in. The token that a device keeps is
 * derived from its row and good for its account only, so the row holds no secret. Never for administrators, and never
 * for a step-up.
 */
import { ADMIN_ROLE } from '#config/config.ts';
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { uuidFromBytes, uuidToBytes } from '#core/proofs/one-time-code.ts';
import { acceptedSecrets, type DerivedKeys, hmac, isOneOf } from '#core/secrets.ts';
import { daysAfter } from '#core/time.ts';
import type { Device, User } from '#generated/prisma/client.ts';

const TRUST_DAYS = 30;
/** Beyond that, the device that was trusted first is forgotten. */
const MAX_DEVICES = 10;

/** A device that is trusted from now on, with the token to keep there. */
export type NewDevice = { device: Device; token: string };

/** Whether the account may have trusted devices at all. */
export function mayTrustDevices({ role, hasSecondFactor }: Pick<User, 'role' | 'hasSecondFactor'>): boolean {
  return role !== ADMIN_ROLE && hasSecondFactor;
}

/** Trusts the device of this request. Call it in a transaction, with the user locked. */
export async function trustDevice(tx: Ctx, user: Pick<User, 'id'>): Promise<NewDevice> {
  const now = tx.clock();
  const live = { userId: user.id, revokedAt: null, trustedUntil: { gt: now } };
  const known = await tx.db.device.findMany({ where: live, orderBy: { createdAt: 'desc' }, select: { id: true } });
  await tx.db.device.updateMany({
    where: { id: { in: known.slice(MAX_DEVICES - 1).map(({ id }) => id) } },
    data: { revokedAt: now },
  });
  const device = await tx.db.device.create({
    data: {
      userId: user.id,
      userAgent: tx.caller.userAgent,
      createdAt: now,
      lastSeenAt: now,
      trustedUntil: daysAfter(now, TRUST_DAYS),
    },
  });
  await audit(tx, 'trust_device.completed', user.id, { actorId: user.id });
  return { device, token: deviceToken(tx.secrets, device.id) };
}

/**
 * The trusted device of a token, if it is one of this account's and still trusted. Call it in a transaction, with the
 * user locked: whatever ends the trust takes that lock as well.
 */
export async function useTrustedDevice(tx: Ctx, user: User, token: string): Promise<string | null> {
  const id = deviceIdOf(tx, token);
  if (id === null || !mayTrustDevices(user)) return null;
  const now = tx.clock();
  const { count } = await tx.db.device.updateMany({
    where: { id, userId: user.id, revokedAt: null, trustedUntil: { gt: now } },
    data: { lastSeenAt: now },
  });
  return count === 1 ? id : null;
}

/** Ends the trust in every device of the person. Call it in a transaction with the user locked. */
export async function endTrustedDevices(tx: Ctx, userId: string): Promise<number> {
  const where = { userId, revokedAt: null };
  return (await tx.db.device.updateMany({ where, data: { revokedAt: tx.clock() } })).count;
}

/** The id of the device and 256 bits of HMAC, base64url. */
function deviceToken(secrets: DerivedKeys, id: string): string {
  return Buffer.concat([uuidToBytes(id), hmac(secrets.device, `device:${id}`)]).toString('base64url');
}

function deviceIdOf(ctx: Pick<Ctx, 'secrets'>, token: string): string | null {
  const bytes = /^[A-Za-z0-9_-]{64}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(48);
  const id = uuidFromBytes(bytes);
  return isOneOf(
    acceptedSecrets(ctx.secrets).map((secrets) => deviceToken(secrets, id)),
    token,
  )
    ? id
    : null;
}
