/**
 * Every email with sample values: for `latchkey mail preview`, and for printing our texts as templates. No two values
 * are alike, so that each can be found again in a text.
 */
import { securityChangeEmail } from '#capabilities/account-security/security-change.email.ts';
import { addressInUseEmail } from '#capabilities/change-email/address-in-use.email.ts';
import { changeEmailEmail } from '#capabilities/change-email/change-email.email.ts';
import { emailChangeNoticeEmail } from '#capabilities/change-email/email-change-notice.email.ts';
import { passwordSuspendedEmail } from '#capabilities/confirm-login/password-suspended.email.ts';
import { accountDeletionEmail } from '#capabilities/delete-account/account-deletion.email.ts';
import { invitationEmail } from '#capabilities/invitations/invitation.email.ts';
import { manyFailuresEmail } from '#capabilities/login/many-failures.email.ts';
import { newDeviceEmail } from '#capabilities/login/new-device.email.ts';
import { signInAfterFailuresEmail } from '#capabilities/login/sign-in-after-failures.email.ts';
import { signInEmail } from '#capabilities/login-with-email/sign-in.email.ts';
import { ownerChangeEmail } from '#capabilities/members/owner-change.email.ts';
import { recoveryCodeUsedEmail } from '#capabilities/recovery-codes/recovery-code-used.email.ts';
import { sessionElsewhereEmail } from '#capabilities/refresh/session-elsewhere.email.ts';
import { sessionReplayedEmail } from '#capabilities/refresh/session-replayed.email.ts';
import { alreadyRegisteredEmail } from '#capabilities/register/already-registered.email.ts';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { resetSecondFactorsEmail } from '#capabilities/second-factor-reset/reset-second-factors.email.ts';
import { identifiersChangedEmail } from '#capabilities/update-profile/identifiers-changed.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import type { Config } from '#config/config.ts';
import { describeClaim } from '#core/accounts/claimed-account.ts';
import { warnBeforeAddressChange, warningOf } from '#core/accounts/former-address.ts';
import type { Addressee, Mail } from '#core/mail/mail.ts';
import { linkTo, type MailedPage } from '#core/mail/mail-link.ts';
import type { MailName } from '#core/mail/mail-values.ts';
import type { SecurityChangeKind } from '#core/second-factors/security-change.ts';

/** Where sample links lead. */
type Place = Pick<Config, 'publicUrl' | 'pageUrls'>;
type Sample = (to: Addressee, place: Place) => Mail;

const CODE = '123456';
const AT = new Date('2030-03-04T05:06:07Z');
const ENDS_AT = new Date('2030-03-11T05:06:07Z');
const RESETS_AT = new Date('2030-03-07T05:06:07Z');
const SEEN = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ipAddress: '203.0.113.7',
};
const CLAIM = {
  accountName: 'Ada Lovelace',
  username: 'ada1815',
  registeredAt: AT,
  device: 'Firefox, Linux',
  ipAddress: '203.0.113.x',
};

function link(page: MailedPage, { locale, language }: Addressee, place: Place): string {
  return linkTo(place, page, `SAMPLE-TOKEN-${page.toUpperCase()}`, language ?? locale);
}

function proof(page: MailedPage, to: Addressee, place: Place) {
  return { ...to, code: CODE, link: link(page, to, place), codeMinutes: 10, linkMinutes: 30 };
}

function formerOf({ locale }: Addressee) {
  return [{ address: 'a***@old.example', until: ENDS_AT, warning: warningOf('a***@old.example', ENDS_AT, locale) }];
}

function verification(origin: 'registered' | 'contested' | 'created'): Sample {
  return (to, place) =>
    verifyEmailEmail({
      ...to,
      code: CODE,
      link: link('verify-email', to, place),
      rejectLink: link('reject-registration', to, place),
      codeMinutes: 10,
      linkHours: 24,
      account: describeClaim(origin, CLAIM, to),
    });
}

function password(occasion: 'forgotten' | 'first' | 'secured'): Sample {
  return (to, place) => resetPasswordEmail({ ...proof('reset-password', to, place), occasion, former: formerOf(to) });
}

function changedPassword(signedOut: 'everywhere' | 'elsewhere' | 'nowhere'): Sample {
  return (to) => passwordChangedEmail({ ...to, at: AT, signedOut, former: formerOf(to) });
}

function changedAddress(event: 'requested' | 'changed'): Sample {
  return (to, place) =>
    emailChangeNoticeEmail({ ...to, event, at: AT, link: link('undo-email-change', to, place), linkEndsAt: ENDS_AT });
}

function changedIdentifiers(changed: 'username' | 'phone' | 'both'): Sample {
  return (to) => identifiersChangedEmail({ ...to, changed, at: AT, heldUntil: ENDS_AT });
}

function change(kind: SecurityChangeKind): Sample {
  return (to, place) => {
    const times = { at: AT, resetsAt: RESETS_AT, linkEndsAt: ENDS_AT };
    return securityChangeEmail({ ...to, ...SEEN, ...times, kind, link: link('undo-security-change', to, place) });
  };
}

function changedOwner(event: 'added' | 'removed'): Sample {
  const names = { ownerName: 'Grace Hopper', organizationName: 'Analytical Engines' };
  return (to) => ownerChangeEmail({ ...to, event, at: AT, ...names });
}

export const SAMPLE_MAILS: Readonly<Record<MailName, Sample>> = {
  'verify-email': verification('registered'),
  'verify-contested-account': verification('contested'),
  'verify-created-account': verification('created'),
  'already-registered': (to) => alreadyRegisteredEmail(to),
  'reset-password': password('forgotten'),
  'choose-password': password('first'),
  'choose-password-after-undo': password('secured'),
  'password-reset': changedPassword('everywhere'),
  'password-changed': changedPassword('elsewhere'),
  'password-changed-here': changedPassword('nowhere'),
  'sign-in-with-email': (to, place) => signInEmail(proof('sign-in-with-email', to, place)),
  'new-device': (to) => newDeviceEmail({ ...to, ...SEEN, at: AT }),
  'many-failures': (to) => manyFailuresEmail({ ...to, at: AT }),
  'sign-in-after-failures': (to) => signInAfterFailuresEmail({ ...to, ...SEEN, at: AT, failures: 17 }),
  'session-replayed': (to) => sessionReplayedEmail({ ...to, ...SEEN, at: AT }),
  'session-elsewhere': (to) => sessionElsewhereEmail({ ...to, ...SEEN, at: AT, isRefused: false }),
  'session-refused': (to) => sessionElsewhereEmail({ ...to, ...SEEN, at: AT, isRefused: true }),
  'change-email': (to, place) =>
    changeEmailEmail({
      ...proof('change-email', to, place),
      warning: warnBeforeAddressChange({ email: 'ada@old.example' }, to.locale),
    }),
  'email-change-requested': changedAddress('requested'),
  'email-changed': changedAddress('changed'),
  'address-in-use': (to) => addressInUseEmail(to),
  'username-changed': changedIdentifiers('username'),
  'phone-changed': changedIdentifiers('phone'),
  'username-and-phone-changed': changedIdentifiers('both'),
  'totp-added': change('totp_added'),
  'totp-removed': change('totp_removed'),
  'recovery-codes-renewed': change('recovery_codes_renewed'),
  'device-trusted': change('device_trusted'),
  'legacy-password-added': change('legacy_password_added'),
  'factors-removed': change('factors_removed'),
  'reset-requested': change('reset_requested'),
  'reset-completed': change('reset_completed'),
  'recovery-code-used': (to) => recoveryCodeUsedEmail({ ...to, left: 8, at: AT }),
  'password-suspended': (to) => passwordSuspendedEmail({ ...to, at: AT }),
  'reset-second-factors': (to, place) =>
    resetSecondFactorsEmail({ ...to, link: link('reset-second-factors', to, place), linkMinutes: 30 }),
  'account-deletion': (to, place) =>
    accountDeletionEmail({ ...to, link: link('undo-account-deletion', to, place), deletesAt: ENDS_AT }),
  invitation: (to, place) =>
    invitationEmail({
      ...to,
      organizationName: 'Analytical Engines',
      inviterName: 'Grace Hopper',
      code: CODE,
      link: link('accept-invitation', to, place),
      days: 7,
    }),
  'owner-added': changedOwner('added'),
  'owner-removed': changedOwner('removed'),
};
