/**
 * Who registers: the input of `register` as the account will hold it, with every problem told at once.
 * Fails with: ValidationError.
 */
import { validate as isUuid } from 'uuid';
import type { Face } from '#core/accounts/account-discovery.ts';
import type { Ctx } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { acceptName } from '#core/input/name.ts';
import { negotiateLocale, parseLocale } from '#core/locale.ts';
import { isOpenOrganization } from '#core/organizations/first-organization.ts';
import { findInvitationByToken } from '#core/organizations/invitation.ts';
import { acceptNewPassword } from '#core/passwords/password.ts';
import type { User } from '#generated/prisma/client.ts';

export type RegisterInput = {
  name: string;
  email: string;
  password: string;
  username?: string | null | undefined;
  phone?: string | null | undefined;
  /** One of SELF_ASSIGNABLE_ROLES; the first of USER_ROLES when absent. */
  role?: string | null | undefined;
  /** BCP 47; decides the language of emails and pages. What Accept-Language prefers when absent or unknown. */
  locale?: string | null | undefined;
  /** The organization to belong to, one that is open for registration; a team of one's own when absent. */
  organizationId?: string | null | undefined;
  /** The token of an invitation mailed to this address: it is accepted when the address is proven. */
  invitationToken?: string | null | undefined;
  /** Who answers: the documented REST APIs tell that an address is taken, unless they are set to conceal that too. */
  face?: Face;
  /** Also opens a provisional session, for an API that answers a registration with tokens. */
  opensSession?: boolean;
};

export type Applicant = Pick<
  User,
  'name' | 'email' | 'username' | 'phone' | 'role' | 'locale' | 'tenantId' | 'invitationId'
> & { password: string };

export async function parseApplicant(ctx: Ctx, input: RegisterInput): Promise<Applicant> {
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  const email = acceptEmailAddress(input.email, errors);
  const username = acceptUsername(input.username, errors);
  const phone = acceptPhone(input.phone, errors);
  const role = acceptRole(ctx, input.role, errors);
  const locale = parseLocale(input.locale) ?? negotiateLocale(ctx.caller.acceptLanguage);
  const personal = [name, email, username];
  const password = acceptNewPassword(ctx, { name: 'password', value: input.password, personal }, errors);
  const tenantId = await acceptOrganization(ctx, input.organizationId, errors);
  const invitationId = await acceptInvitation(ctx, input, email, errors);
  errors.throwIfAny();
  return { name, email, username, phone, role, locale, tenantId, invitationId, password };
}

/** One answer for every token that cannot be used here: whom an invitation is for is told by its mail only. */
async function acceptInvitation(
  ctx: Ctx,
  { invitationToken, organizationId }: RegisterInput,
  email: string,
  errors: FieldErrors,
): Promise<string | null> {
  if (!invitationToken) return null;
  if (organizationId) errors.add('organizationId', 'NOT_ALLOWED', 'The invitation says already what to belong to.');
  const invitation = await findInvitationByToken(ctx, invitationToken);
  if (invitation !== null && invitation.email === email) return invitation.id;
  return errors.add('invitationToken', 'NOT_ALLOWED', 'This invitation cannot be used for this address.');
}

async function acceptOrganization(
  ctx: Ctx,
  id: string | null | undefined,
  errors: FieldErrors,
): Promise<string | null> {
  if (!id) return null;
  if (!isUuid(id)) return errors.add('organizationId', 'INVALID_FORMAT', 'An organization is named by its UUID.');
  if (await isOpenOrganization(ctx, id)) return id;
  return errors.add('organizationId', 'NOT_ALLOWED', 'This organization is not open for registration.');
}

function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const chosen = role || (ctx.config.userRoles[0] ?? '');
  if (role && !ctx.config.selfAssignableRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', 'This role cannot be chosen when registering.');
  }
  return chosen;
}
