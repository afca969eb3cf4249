/**
 * Binds a session whose token does not change to the device on which it began. Two of the documented REST APIs require
 * such tokens: ConnectX keeps its refresh token, and the Vault API exchanges one access token again and again. Rotation
 * cannot reveal that such a token was stolen (RFC 9700 section 4.14.2), so any other browser, client, or operating
 * system is refused. A user agent can be imitated, so the owner also gets an email: when the session is first used from
 * another network, and when it is first refused on another device. People move between networks, so another network
 * alone is not refused, and the email about it must not suppress the one about a refusal.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { deviceOf } from '#core/input/device.ts';
import { networkOf } from '#core/limits/network.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';

/** Whether the caller may use the session. Notifies the owner of the first use elsewhere, and of the first refusal. */
export async function isOnOwnDevice(ctx: Ctx, found: SessionWithUser): Promise<boolean> {
  const { session } = found;
  const isOwnDevice = session.userAgent === null || clientOf(ctx.caller.userAgent) === clientOf(session.userAgent);
  const isOwnNetwork = session.ipAddress === null || networkOf(ctx.caller.ipAddress) === networkOf(session.ipAddress);
  if (isOwnDevice && isOwnNetwork) return true;
  const notifiedAt = isOwnDevice ? session.usedElsewhereAt : session.refusedElsewhereAt;
  if (notifiedAt === null) await inTransaction(ctx, (tx) => notifyOwner(tx, found, isOwnDevice));
  return isOwnDevice;
}

/** Browser and operating system, or the name of an app, without their versions, which change with every update. */
function clientOf(userAgent: string | null): string {
  const { browser, operatingSystem } = deviceOf(userAgent);
  const name = browser ?? userAgent?.split(/[/ ]/)[0] ?? '';
  return `${name} ${operatingSystem ?? ''}`;
}

/** Of many requests at once, only one notifies the owner. */
async function notifyOwner(tx: Ctx, { session, user }: SessionWithUser, isOwnDevice: boolean): Promise<void> {
  const at = tx.clock();
  const [unset, set] = isOwnDevice
    ? [{ usedElsewhereAt: null }, { usedElsewhereAt: at }]
    : [{ refusedElsewhereAt: null }, { refusedElsewhereAt: at }];
  const { count } = await tx.db.session.updateMany({ where: { id: session.id, ...unset, endedAt: null }, data: set });
  if (count === 0) return;
  await audit(tx, isOwnDevice ? 'refresh.elsewhere' : 'refresh.denied', user.id, { sessionId: session.id });
  const job = { sessionId: session.id, isRefused: !isOwnDevice, at: at.toISOString() };
  await tx.outbox.queue(tx, { mail: 'session-elsewhere', ...job });
}
