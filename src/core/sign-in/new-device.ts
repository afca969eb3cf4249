/**
 * Notifies the owner of a sign-in on a device that is new to the account, at most once a day (NIST SP 800-63B-4 section
 * 4.6). Clients that cannot keep a device token are recognized by their network and user agent together. Nothing is
 * reported at the first sign-in, nor on the first day, when people sign in on all of their devices.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { forgetSurplusDevices, MAX_DEVICES } from '#core/devices/known-device.ts';
import { networkOf } from '#core/limits/network.ts';
import { takeOne } from '#core/limits/throttle.ts';
import { hasManyFailures } from '#core/passwords/failure-count.ts';
import { daysAfter } from '#core/time.ts';

/** How long an account is so new that a new device means nothing. */
const FIRST_DAYS = 1;
/** How long an account without an earlier session is new; after that, earlier sessions may have been cleaned up. */
const NEW_ACCOUNT_DAYS = 30;
/** How many earlier sessions are looked at. */
const RECENT_SESSIONS = 50;

/** The networks of the sessions that the same user agent had before, and whether there were any sessions at all. */
const HISTORY = {
  name: 'sign-in-history',
  text: `
    SELECT count(*)::int AS sessions,
           (SELECT count(*)::int FROM devices WHERE user_id = $1::uuid AND revoked_at IS NULL) AS devices,
           coalesce(array_agg(DISTINCT ip_address) FILTER (WHERE user_agent IS NOT DISTINCT FROM $3), '{}') AS addresses
      FROM (SELECT ip_address, user_agent FROM sessions
             WHERE user_id = $1::uuid AND id <> $2::uuid AND NOT is_provisional
             ORDER BY created_at DESC LIMIT ${RECENT_SESSIONS}) AS earlier`,
};
type History = { sessions: number; devices: number; addresses: (string | null)[] };

/** Never call it in a transaction. */
export async function noteNewDevice(ctx: Ctx, signedIn: Viewer): Promise<void> {
  const { user, session } = signedIn;
  const [history] = await ctx.database.query<History>(HISTORY, [user.id, session.id, session.userAgent]);
  const { sessions, devices, addresses } = history ?? { sessions: 0, devices: 0, addresses: [] };
  if (devices > MAX_DEVICES) await forgetSurplusDevices(ctx, user);
  const newUntil = daysAfter(user.createdAt, sessions === 0 ? NEW_ACCOUNT_DAYS : FIRST_DAYS);
  if (newUntil > session.createdAt) return;
  const networks = addresses.map((address) => networkOf(address));
  if (networks.includes(networkOf(session.ipAddress))) return;
  // Another email reports the failures and this sign-in.
  if (await hasManyFailures(ctx, user.id)) return;
  if (!(await takeOne(ctx, { name: 'new-device-notice', of: user.id }))) return;
  await inTransaction(ctx, async (tx) => {
    await auditBy(tx, { user, session }, 'login.new_device');
    await tx.outbox.queue(tx, { mail: 'new-device', sessionId: session.id, at: session.createdAt.toISOString() });
  });
}
