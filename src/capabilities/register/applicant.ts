/**
 * The applicant: the validated input of `register`, in the form in which the account stores it. Reports every problem
 * at once.
 * Fails with: ValidationError.
 */
import { validate as isUuid } from 'uuid';
import type { Face } from '#core/accounts/account-discovery.ts';
import type { Ctx } from '#core/context.ts';
import type { EmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { acceptName } from '#core/input/name.ts';
import { acceptNewEmailAddress } from '#core/input/new-email-address.ts';
import { negotiateLocale, parseLocale } from '#core/locale.ts';
import { isOpenOrganization } from '#core/organizations/first-organization.ts';
import { findInvitationByToken } from '#core/organizations/invitation.ts';
import { acceptNewPassword, type NormalizedPassword } from '#core/passwords/password.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import type { User } from '#generated/prisma/client.ts';

export type RegisterInput = {
  name: string;
  email: string;
  /** Absent for someone who will sign in by email, if SIGN_IN_METHODS has that; refused where passwords do not. */
  password?: string | null | undefined;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** One of SELF_ASSIGNABLE_ROLES; defaults to the first of USER_ROLES. */
  role?: string | null | undefined;
  /** Language of emails and pages (BCP 47); if absent or unknown, the one that Accept-Language prefers. */
  locale?: string | null | undefined;
  /** The organization to join, which must be open for registration; if absent, the person gets one of their own. */
  organizationId?: string | null | undefined;
  /** The token of an invitation sent to this address, which is accepted when the address is verified. */
  invitationToken?: string | null | undefined;
  /** The API of the client: the documented REST APIs reveal that an address is taken, unless configured not to. */
  face?: Face;
  /** Whether the code is to count only with the `requestToken` of the answer. */
  bindCode?: boolean | null | undefined;
  /** Whether to open a provisional session, for an API that answers a registration with tokens. */
  opensSession?: boolean;
};

export type Applicant = Pick<User, 'name' | 'username' | 'phone' | 'role' | 'locale' | 'tenantId' | 'invitationId'> & {
  email: EmailAddress;
  /** Null for someone who will sign in by email. */
  password: NormalizedPassword | null;
};

export async function parseApplicant(ctx: Ctx, input: RegisterInput): Promise<Applicant> {
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  const email = acceptNewEmailAddress(ctx.config, input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptSelfAssignableRole(ctx, input.role, errors);
  const { languages } = ctx.templates;
  const locale = parseLocale(input.locale, languages) ?? negotiateLocale(ctx.caller.acceptLanguage, languages);
  const personal = [name, email, username, phone];
  const password = acceptPassword(ctx, input.password ?? null, personal, errors);
  const tenantId = await acceptOrganization(ctx, input.organizationId, errors);
  const invitationId = await acceptInvitation(ctx, input, email, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, tenantId, invitationId, password };
}

function acceptPassword(
  ctx: Ctx,
  value: string | null,
  personal: readonly (string | null)[],
  errors: FieldErrors,
): NormalizedPassword | null {
  if (value !== null && !isOpenMethod(ctx, 'password'))
    return errors.add('password', 'NOT_ALLOWED', 'Please leave out the password: people sign in by email here.');
  if (value !== null) return acceptNewPassword(ctx, { name: 'password', value, personal }, errors);
  if (isOpenMethod(ctx, 'email')) return null;
  return errors.add('password', 'REQUIRED', 'Please choose a password.');
}

/** Every token that cannot be used gives the same error: only the email reveals whom an invitation is for. */
async function acceptInvitation(
  ctx: Ctx,
  { invitationToken, organizationId }: RegisterInput,
  email: string,
  errors: FieldErrors,
): Promise<string | null> {
  if (!invitationToken) return null;
  if (organizationId)
    errors.add(
      'organizationId',
      'NOT_ALLOWED',
      'Leave out organizationId: the invitation already names the organization.',
    );
  const invitation = await findInvitationByToken(ctx, invitationToken);
  if (invitation !== null && invitation.email === email) return invitation.id;
  return errors.add('invitationToken', 'NOT_ALLOWED', 'This invitation cannot be used with this email address.');
}

async function acceptOrganization(
  ctx: Ctx,
  id: string | null | undefined,
  errors: FieldErrors,
): Promise<string | null> {
  if (!id) return null;
  if (!isUuid(id)) return errors.add('organizationId', 'INVALID_FORMAT', 'The organization id must be a UUID.');
  if (await isOpenOrganization(ctx, id)) return id;
  return errors.add('organizationId', 'NOT_ALLOWED', 'This organization is not open for registration.');
}

function acceptSelfAssignableRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const chosen = role || (ctx.config.userRoles[0] ?? '');
  if (role && !ctx.config.selfAssignableRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', 'This role cannot be chosen at registration.');
  }
  return chosen;
}
