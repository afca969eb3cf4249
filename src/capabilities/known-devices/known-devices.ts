/**
 * List the devices on which a person has signed in, and forget one. Forgetting grants nobody anything, so a session is
 * enough. Someone else's device is refused like one that does not exist.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { auditBy } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { knownDevicesOf } from '#core/devices/known-device.ts';
import { type Device as DeviceName, deviceOf } from '#core/input/device.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { changeOwnDevice } from '#core/sign-in/change-own-device.ts';
import type { Device, User } from '#generated/prisma/client.ts';

export type KnownDevice = Pick<Device, 'id' | 'createdAt' | 'lastSeenAt'> & {
  device: DeviceName;
  /** Null if it is not trusted. */
  trustedUntil: Date | null;
  isCurrent: boolean;
};

/** The known devices, most recently used first. The caller has checked that the viewer may see the account. */
export async function findKnownDevices(ctx: Ctx, user: Pick<User, 'id'>): Promise<KnownDevice[]> {
  const viewer = await requireViewer(ctx);
  const now = ctx.clock();
  const orderBy = [{ lastSeenAt: 'desc' as const }, { id: 'desc' as const }];
  const devices = await ctx.db.device.findMany({ where: knownDevicesOf(user, now), orderBy });
  return devices.map(({ id, createdAt, lastSeenAt, userAgent, trustedUntil }) => ({
    id,
    createdAt,
    lastSeenAt,
    device: deviceOf(userAgent),
    trustedUntil: trustedUntil !== null && trustedUntil > now ? trustedUntil : null,
    isCurrent: viewer.session.knownDeviceId === id,
  }));
}

/** Succeeds as well if the device is no longer known. */
export async function forgetDevice(ctx: Ctx, input: { deviceId: string }): Promise<{ deviceId: string }> {
  return changeOwnDevice(ctx, input, async (tx, viewer, id) => {
    const { count } = await tx.db.device.updateMany({
      where: { id, userId: viewer.user.id, revokedAt: null },
      data: { revokedAt: tx.clock(), trustedUntil: null },
    });
    if (count === 1) await auditBy(tx, viewer, 'forget_device.completed');
  });
}
