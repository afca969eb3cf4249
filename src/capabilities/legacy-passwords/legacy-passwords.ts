/**
 * Passwords for REST clients that cannot be changed, and that therefore cannot ask for a second factor. The owner makes
 * one for each client, and sees it once; it signs in at the documented REST APIs only, where LEGACY_PASSWORDS is on. It
 * needs a strong proof, and the owner gets an email with a link that undoes it. Ten at most, none for an administrator.
 * All of them end with a new password or address, and when second factors are removed or a change is undone. Removing
 * one gives nobody anything, so a session is enough.
 * Fails with: ReauthenticationRequiredError, LimitReachedError, ValidationError; UnauthenticatedError, ForbiddenError.
 */
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptName } from '#core/input/name.ts';
import { parseId } from '#core/input/uuid.ts';
import {
  addLegacyPassword,
  mayHaveLegacyPasswords,
  removeLegacyPasswords,
} from '#core/second-factors/legacy-password.ts';
import { recordSecurityChange } from '#core/second-factors/security-change.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { LimitReachedError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import type { LegacyPassword, User } from '#generated/prisma/client.ts';

export type CreateLegacyPasswordSuccess = { legacyPassword: LegacyPassword; password: string };

const MAX = 10;

export async function createLegacyPassword(ctx: Ctx, input: { name: string }): Promise<CreateLegacyPasswordSuccess> {
  if (!ctx.config.legacyPasswords) throw new ForbiddenError('LEGACY_PASSWORDS_OFF');
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  errors.throwIfAny();
  const viewer = await requireStrongSignIn(ctx);
  return inTransaction(ctx, async (tx) => {
    const user = await holdViewer(tx, viewer);
    if (!mayHaveLegacyPasswords(user)) throw new ForbiddenError();
    if ((await tx.db.legacyPassword.count({ where: { userId: user.id } })) >= MAX) throw new LimitReachedError(MAX);
    const made = await addLegacyPassword(tx, user.id, name);
    const { id, createdAt } = made.legacyPassword;
    await recordSecurityChange(tx, user, 'legacy_password_added', { at: createdAt, objectId: id });
    await auditBy(tx, viewer, 'create_legacy_password.completed');
    return made;
  });
}

/** One that was removed already is refused like that of someone else. */
export async function removeLegacyPassword(
  ctx: Ctx,
  input: { legacyPasswordId: string },
): Promise<{ legacyPasswordId: string }> {
  const viewer = await requireViewer(ctx);
  const id = parseId(input.legacyPasswordId);
  if (id === null) throw new ForbiddenError();
  return inTransaction(ctx, async (tx) => {
    const user = await holdViewer(tx, viewer);
    if ((await removeLegacyPasswords(tx, user.id, id)) === 0) throw new ForbiddenError();
    await auditBy(tx, viewer, 'remove_legacy_password.completed');
    return { legacyPasswordId: id };
  });
}

/** Oldest first. The caller has checked that the viewer may see the account. */
export async function findLegacyPasswords(ctx: Ctx, { id: userId }: Pick<User, 'id'>): Promise<LegacyPassword[]> {
  return ctx.db.legacyPassword.findMany({ where: { userId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
}
