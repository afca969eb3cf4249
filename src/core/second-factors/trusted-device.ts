/**
 * Devices that a person trusts for 30 days: there, the first factor alone signs in. It is a right that a known device
 * (core/devices/known-device.ts) can have for its account only. Never for administrators, and never for a step-up.
 */
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import type { PresentedDevice } from '#core/devices/device-token.ts';
import { knownDevicesOf } from '#core/devices/known-device.ts';
import { daysAfter } from '#core/time.ts';
import type { Device, User } from '#generated/prisma/client.ts';

const TRUST_DAYS = 30;
/** Beyond this number, the device whose trust ends first is no longer trusted. */
const MAX_DEVICES = 10;

/** Whether the account may have trusted devices at all. */
export function mayTrustDevices({ role, hasSecondFactor }: Pick<User, 'role' | 'hasSecondFactor'>): boolean {
  return role !== ADMIN_ROLE && hasSecondFactor;
}

/** Trusts a known device. Call it in a transaction, with the user locked. */
export async function trustDevice(tx: Ctx, user: Pick<User, 'id'>, deviceId: string): Promise<Device> {
  const now = tx.clock();
  const live = { ...knownDevicesOf(user, now), id: { not: deviceId }, trustedUntil: { gt: now } };
  const others = await tx.db.device.findMany({ where: live, orderBy: { trustedUntil: 'desc' }, select: { id: true } });
  await tx.db.device.updateMany({
    where: { id: { in: others.slice(MAX_DEVICES - 1).map(({ id }) => id) } },
    data: { trustedUntil: null },
  });
  const data = { trustedUntil: daysAfter(now, TRUST_DAYS) };
  const device = await tx.db.device.update({ where: { id: deviceId }, data });
  await audit(tx, 'trust_device.completed', user.id, { actorId: user.id });
  return device;
}

/**
 * Whether the device of a token is one of this account's and still trusted. Call it in a transaction, with the user
 * locked: everything that ends the trust takes that lock too.
 */
export async function isTrustedDevice(tx: Ctx, user: User, { id, generation }: PresentedDevice): Promise<boolean> {
  if (!mayTrustDevices(user)) return false;
  const now = tx.clock();
  const numbers = { in: [generation, generation + 1] };
  const where = { ...knownDevicesOf(user, now), id, generation: numbers, trustedUntil: { gt: now } };
  return (await tx.db.device.count({ where })) === 1;
}

/**
 * Ends the trust in every device of the person; they stay known. Call it in a transaction with the user locked.
 */
export async function endTrustedDevices(tx: Ctx, userId: string): Promise<void> {
  await tx.db.device.updateMany({ where: { userId, trustedUntil: { not: null } }, data: { trustedUntil: null } });
}
