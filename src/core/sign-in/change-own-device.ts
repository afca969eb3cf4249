/** The frame of every change to a device of the viewer. */
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

/**
 * Runs `change` in a transaction with the id of the device. Someone else's device is refused like one that does not
 * exist. Fails with UnauthenticatedError and ForbiddenError.
 */
export async function changeOwnDevice(
  ctx: Ctx,
  input: { deviceId: string },
  change: (tx: Ctx, viewer: Viewer, id: string) => Promise<void>,
): Promise<{ deviceId: string }> {
  const viewer = await requireViewer(ctx);
  const id = parseId(input.deviceId);
  if (id === null) throw new ForbiddenError();
  return inTransaction(ctx, async (tx) => {
    const { id: userId } = await holdViewer(tx, viewer);
    if ((await tx.db.device.count({ where: { id, userId } })) === 0) throw new ForbiddenError();
    await change(tx, viewer, id);
    return { deviceId: id };
  });
}
