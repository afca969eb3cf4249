/**
 * Registrations make way for someone with a better claim to the address: its owner, who has just verified it for
 * another account, or an operator, who creates or imports an account. Otherwise a stranger who types an address would
 * block it.
 */
import { NIL } from 'uuid';
import { type AuditDetails, audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import { REPLACEABLE_REGISTRATION } from './registration.ts';

/**
 * Removes the registrations of these addresses, with their sessions, challenges, and passwords. Call it in the
 * transaction that writes the account with the better claim.
 * @param exceptUserId the account with the better claim, if it exists already
 */
export async function supersedeRegistrations(
  tx: Ctx,
  emails: readonly EmailAddress[],
  details: AuditDetails,
  exceptUserId: string = NIL,
): Promise<void> {
  const replaceable = { email: { in: [...emails] }, ...REPLACEABLE_REGISTRATION, id: { not: exceptUserId } };
  const found = await tx.db.user.findMany({ where: replaceable, select: { id: true }, orderBy: { id: 'asc' } });
  for (const { id } of found) {
    // Checked again in the statement that deletes: it may have been verified in the meantime.
    const { count } = await tx.db.user.deleteMany({ where: { AND: [replaceable, { id }] } });
    if (count === 1) await audit(tx, 'register.superseded', id, details);
  }
}
