/**
 * Whose an address is, while nobody has proven it: an account that somebody registered holds it as long as a proof is
 * out, and then makes way for the next registration. What an operator made, imported or disabled is not a stranger's to
 * replace: it holds its address, its identifiers and its password, proven or not.
 */

import type { Ctx } from '#core/context.ts';
import { USER } from '#core/sessions/session-columns.ts';
import { Prisma, type User } from '#generated/prisma/client.ts';

/** Of a row `u` of users: somebody registered it, no operator. The record is kept longer than an unproven account. */
export const IS_SELF_REGISTERED = Prisma.sql`
  EXISTS (SELECT 1 FROM audit_events e WHERE e.subject_id = u.id AND e.name = 'register.completed')`;

const makesWay = (ctx: Ctx) => Prisma.sql`
  (u.email_verified_at IS NULL AND u.disabled_at IS NULL AND ${IS_SELF_REGISTERED}
   AND NOT EXISTS (SELECT 1 FROM challenges c
                    WHERE c.user_id = u.id AND c.purpose = 'verify-email' AND c.consumed_at IS NULL
                      AND c.replaced_at IS NULL AND c.expires_at > ${ctx.clock()}::timestamptz))`;

/** The account that has the address; null when the address is free to register. */
export async function findAddressHolder(ctx: Ctx, email: string): Promise<User | null> {
  const [holder] = await ctx.db.$queryRaw<User[]>`
    SELECT ${Prisma.raw(USER)} FROM users u WHERE u.email = ${email} AND NOT ${makesWay(ctx)}`;
  return holder ?? null;
}

/** Takes an account that nobody verified in time out of the way. Call it in the transaction that registers. */
export async function freeAddress(tx: Ctx, email: string): Promise<void> {
  await tx.db.$executeRaw`DELETE FROM users u WHERE u.email = ${email} AND ${makesWay(tx)}`;
}
