/**
 * List the devices that a person trusts, and stop trusting one. That grants nobody anything, so a session is enough.
 * Someone else's device is refused like one that does not exist.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { knownDevicesOf } from '#core/devices/known-device.ts';
import { type Device as DeviceName, deviceOf } from '#core/input/device.ts';
import { parseId } from '#core/input/uuid.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
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
  const viewer = await requireViewer(ctx);
  const id = parseId(input.deviceId);
  if (id === null) throw new ForbiddenError();
  return inTransaction(ctx, async (tx) => {
    const { id: userId } = await holdViewer(tx, viewer);
    if ((await tx.db.device.count({ where: { id, userId } })) === 0) throw new ForbiddenError();
    const { count } = await tx.db.device.updateMany({
      where: { id, userId, revokedAt: null, trustedUntil: { not: null } },
      data: { trustedUntil: null },
    });
    if (count === 1) await auditBy(tx, viewer, 'untrust_device.completed');
    return { deviceId: id };
  });
}
