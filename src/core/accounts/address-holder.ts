/**
 * The account that has an email address, verified or not. A registration is never replaced by a later one, however old
 * it is and whether or not its email was sent: the two compete, and then neither password counts.
 */

import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import { USER_COLUMNS } from '#core/sessions/session-columns.ts';
import type { User } from '#generated/prisma/client.ts';

const FIND = { name: 'find-address-holder', text: `SELECT ${USER_COLUMNS} FROM users u WHERE u.email = $1` };

/** The account that has the address; null if the address is free. Never call it in a transaction. */
export async function findAddressHolder(ctx: Ctx, email: EmailAddress): Promise<User | null> {
  const [holder] = await ctx.database.query<User>(FIND, [email]);
  return holder ?? null;
}
