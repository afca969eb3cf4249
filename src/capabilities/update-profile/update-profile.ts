/**
 * Change the viewer's name, username, phone number, or language. Absent values stay unchanged; null removes the
 * username or phone number. `requestEmailChange` changes the email address, because the new one must be verified.
 * Username and phone sign in, so changing them requires a recent sign-in, and the owner is notified by email. What
 * is given up is held for the account for a while (former-identifier.ts).
 * Fails with: ValidationError (ALREADY_TAKEN if another account has it), TooManyAttemptsError after many of those;
 * ReauthenticationRequiredError, UnauthenticatedError.
 */
import { holdFormerIdentifiers } from '#core/accounts/former-identifier.ts';
import { claimIdentifiers, requireFreeIdentifiers } from '#core/accounts/identifier-claim.ts';
import { auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { acceptName } from '#core/input/name.ts';
import { parseLocale } from '#core/locale.ts';
import { requireRecentSignIn } from '#core/sessions/recent-sign-in.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import type { User } from '#generated/prisma/client.ts';

export type UpdateProfileInput = {
  name?: string | null | undefined;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** BCP 47; one of the supported languages. */
  locale?: string | null | undefined;
};
export type UpdateProfileSuccess = { user: User };

type Changes = Partial<Pick<User, 'name' | 'username' | 'phone' | 'locale'>>;

export async function updateProfile(ctx: Ctx, input: UpdateProfileInput): Promise<UpdateProfileSuccess> {
  const viewer = await requireViewer(ctx);
  const changes = parseChanges(ctx, input);
  const { username = null, phone = null } = changes;
  if (changesIdentifiers(viewer.user, changes)) await requireRecentSignIn(ctx);
  await requireFreeIdentifiers(ctx, { username, phone }, viewer.user.id);
  return inTransaction(ctx, async (tx) => {
    await claimIdentifiers(tx, { username, phone }, viewer.user);
    const current = await holdViewer(tx, viewer);
    if (!changesAnything(current, changes)) return { user: current };
    if (changesIdentifiers(current, changes)) await requireRecentSignIn(tx);
    const user = await tx.db.user.update({
      where: { id: current.id },
      data: { ...changes, updatedAt: tx.clock() },
    });
    const isHeld = await holdFormerIdentifiers(tx, current, user);
    await tellOfIdentifiers(tx, current, user, isHeld);
    await auditBy(tx, viewer, 'update_profile.completed');
    return { user };
  });
}

/** Notifies the owner of the identifier that was changed: it may have been someone with a stolen session. */
async function tellOfIdentifiers(tx: Ctx, before: User, after: User, isHeld: boolean): Promise<void> {
  const changed = (['username', 'phone'] as const).filter((kind) => before[kind] !== after[kind]);
  const [first, second] = changed;
  if (first === undefined) return;
  await tx.outbox.queue(tx, {
    mail: 'identifiers-changed',
    userId: after.id,
    changed: second === undefined ? first : 'both',
    isHeld,
    at: tx.clock().toISOString(),
  });
}

/** Sending what is there already changes nothing, so the audit log has no event of it. */
function changesAnything(user: User, changes: Changes): boolean {
  const after = { ...user, ...changes };
  return (['name', 'username', 'phone', 'locale'] as const).some((field) => after[field] !== user[field]);
}

/** Whether the account would be signed in to by another username or phone number, or by one less. */
function changesIdentifiers(user: User, { username = user.username, phone = user.phone }: Changes): boolean {
  return username !== user.username || phone !== user.phone;
}

function parseChanges(ctx: Ctx, input: UpdateProfileInput): Changes {
  const errors = collectFieldErrors();
  const changes: Changes = {};
  if (input.name !== undefined) changes.name = acceptName(input.name ?? '', errors);
  if (input.username !== undefined) changes.username = acceptUsername(input.username, errors);
  if (input.phone !== undefined) changes.phone = acceptPhone(input.phone, errors);
  if (input.locale !== undefined) {
    const { languages } = ctx.templates;
    const locale = parseLocale(input.locale, languages);
    if (locale === null) errors.add('locale', 'NOT_ALLOWED', `The language must be one of: ${languages.join(', ')}.`);
    else changes.locale = locale;
  }
  errors.throwIfAny();
  return changes;
}
