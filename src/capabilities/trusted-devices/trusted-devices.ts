/**
 * List the devices that a person trusts, and stop trusting one. That grants nobody anything, so a session is enough.
 * Someone else's device is refused like one that does not exist.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { auditBy } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { knownDevicesOf } from '#core/devices/known-device.ts';
import { type Device as DeviceName, deviceOf } from '#core/input/device.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { changeOwnDevice } from '#core/sign-in/change-own-device.ts';
import type { Device, User } from '#generated/prisma/client.ts';

export type TrustedDevice = Pick<Device, 'id' | 'lastSeenAt'> & {
  trustedUntil: Date;
  device: DeviceName;
  isCurrent: boolean;
};

/** The devices that are trusted now, newest first. The caller has checked that the viewer may see the account. */
export async function findTrustedDevices(ctx: Ctx, { id: userId }: Pick<User, 'id'>): Promise<TrustedDevice[]> {
  const viewer = await requireViewer(ctx);
  const now = ctx.clock();
  const live = { ...knownDevicesOf({ id: userId }, now), trustedUntil: { gt: now } };
  const devices = await ctx.db.device.findMany({ where: live, orderBy: { trustedUntil: 'desc' } });
  return devices.flatMap(({ id, trustedUntil, lastSeenAt, userAgent }) => {
    const isCurrent = viewer.session.knownDeviceId === id;
    return trustedUntil === null ? [] : [{ id, trustedUntil, lastSeenAt, device: deviceOf(userAgent), isCurrent }];
  });
}

/** Succeeds as well if the device is no longer trusted. */
export async function untrustDevice(ctx: Ctx, input: { deviceId: string }): Promise<{ deviceId: string }> {
  return changeOwnDevice(ctx, input, async (tx, viewer, id) => {
    const { count } = await tx.db.device.updateMany({
      where: { id, userId: viewer.user.id, revokedAt: null, trustedUntil: { not: null } },
      data: { trustedUntil: null },
    });
    if (count === 1) await auditBy(tx, viewer, 'untrust_device.completed');
  });
}
