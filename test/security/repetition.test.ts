/** A double click, or a retry after a lost answer: the same answer to the same caller, and nothing happens twice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  AcceptInvitationDocument,
  ConfirmEmailChangeDocument,
  DeclineInvitationDocument,
  DeleteAccountDocument,
  InviteMemberDocument,
  LoginDocument,
  LogoutDocument,
  RegisterDocument,
  RejectRegistrationDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoAccountDeletionDocument,
  UndoEmailChangeDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Sending, startLatchkey } from '../support/latchkey.ts';
import { by, tenant } from '../support/organizations.ts';
import { restClient } from '../support/rest.ts';
import type { ReceivedMail } from '../support/smtp.ts';
import { vaultClient } from '../support/vault.ts';

const NEW_PASSWORD = 'an entirely new password';
const HOME = { ip: '192.0.2.1', headers: { 'user-agent': 'Home/1.0' } };
const OTHERS: Record<string, Sending> = {
  'another network': { ...HOME, ip: '192.0.2.2' },
  'another user agent': { ...HOME, headers: { 'user-agent': 'Away/1.0' } },
};

/** Something that a code or link does. */
type Doing = {
  /** What tells that it was done, and how many times. */
  event: string;
  /** Asks for it through one door: whether it succeeded. */
  act: (sending: Sending) => Promise<boolean>;
  /** The other thing that the same code or link could do. */
  other?: (sending: Sending) => Promise<boolean>;
  /** How many emails it sends. */
  mails: number;
  /** After this, it is no longer as the operation left it. */
  moveOn: () => Promise<unknown>;
  /** What no dump may hold. */
  secrets: readonly string[];
};
type Preparation = (latchkey: Latchkey) => Promise<Doing>;

const tokenOf = ({ link }: ReceivedMail) => new URL(link ?? '').searchParams.get('token') ?? '';
const succeeded = ({ __typename }: { __typename: string }) => __typename.endsWith('Success');
const usersOf = (latchkey: Latchkey) => latchkey.app.parts.database.prisma.user;
const disable = (latchkey: Latchkey, email: string) => () =>
  usersOf(latchkey).update({ where: { email }, data: { disabledAt: new Date() } });

async function press(latchkey: Latchkey, page: string, form: Record<string, string>, { ip, headers = {} }: Sending) {
  const init = { method: 'POST', headers, body: new URLSearchParams({ ...form, lang: 'en' }) };
  return (await latchkey.fetch(`/${page}`, init, ip)).status === 200;
}
const byRest = async (latchkey: Latchkey, path: string, body: object, sending: Sending) =>
  (await restClient(latchkey).post(path, body, sending)).status === 200;

async function registered(latchkey: Latchkey) {
  const email = latchkey.address();
  await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
  const mail = await latchkey.mailTo(email);
  return { email, code: mail.code ?? '', token: tokenOf(mail) };
}
async function forgetful(latchkey: Latchkey) {
  const person = await latchkey.person();
  await latchkey.ask(RequestPasswordResetDocument, { input: { email: person.email } });
  const mail = await latchkey.mailTo(person.email, 2);
  return { ...person, code: mail.code ?? '', token: tokenOf(mail) };
}
async function mover(latchkey: Latchkey) {
  const person = await latchkey.person();
  const newEmail = latchkey.address();
  const sending = { bearer: person.accessToken };
  await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, sending);
  const [mail, notice] = [await latchkey.mailTo(newEmail), await latchkey.mailTo(person.email, 2)];
  return { ...person, newEmail, code: mail.code ?? '', token: tokenOf(mail), undoToken: tokenOf(notice) };
}
async function invited(latchkey: Latchkey) {
  const [owner, guest] = [await latchkey.person(), await latchkey.person()];
  const { id } = await tenant(latchkey, [[owner, 'OWNER']]);
  await latchkey.ask(InviteMemberDocument, { input: { email: guest.email } }, by(owner, id));
  const mail = await latchkey.mailTo(guest.email, 2);
  return { id, guest, code: mail.code ?? '', token: tokenOf(mail) };
}

const verification =
  (door: 'graphql' | 'page' | 'rest' | 'code'): Preparation =>
  async (latchkey) => {
    const { email, code, token } = await registered(latchkey);
    const input = door === 'code' ? { email, code } : { token };
    return {
      event: 'verify_email.completed',
      mails: 0,
      act: async (sending) => {
        if (door === 'page') return press(latchkey, 'verify-email', { token }, sending);
        if (door === 'rest') return byRest(latchkey, '/api/auth/verify-email/', { email, otp: code }, sending);
        return succeeded((await latchkey.ask(VerifyEmailDocument, { input }, sending)).verifyEmail);
      },
      other: async (sending) =>
        succeeded((await latchkey.ask(RejectRegistrationDocument, { input }, sending)).rejectRegistration),
      moveOn: disable(latchkey, email),
      secrets: [token],
    };
  };

const rejection =
  (door: 'graphql' | 'page'): Preparation =>
  async (latchkey) => {
    const { email, code, token } = await registered(latchkey);
    const row = await usersOf(latchkey).findUniqueOrThrow({ where: { email } });
    return {
      event: 'register.rejected',
      mails: 0,
      act: async (sending) =>
        door === 'page'
          ? press(latchkey, 'reject-registration', { token }, sending)
          : succeeded(
              (await latchkey.ask(RejectRegistrationDocument, { input: { email, code } }, sending)).rejectRegistration,
            ),
      other: async (sending) =>
        succeeded((await latchkey.ask(VerifyEmailDocument, { input: { token } }, sending)).verifyEmail),
      moveOn: () => usersOf(latchkey).create({ data: row }),
      secrets: [token],
    };
  };

const reset =
  (door: 'graphql' | 'page' | 'rest' | 'code'): Preparation =>
  async (latchkey) => {
    const { email, code, token } = await forgetful(latchkey);
    const newPassword = NEW_PASSWORD;
    return {
      event: 'reset_password.completed',
      mails: 1,
      act: async (sending) => {
        if (door === 'page') return press(latchkey, 'reset-password', { token, newPassword }, sending);
        if (door === 'rest') return byRest(latchkey, '/api/reset-password', { token, newPassword }, sending);
        const input = { newPassword, ...(door === 'code' ? { email, code } : { token }) };
        return succeeded((await latchkey.ask(ResetPasswordDocument, { input }, sending)).resetPassword);
      },
      moveOn: async () => {
        const { passwordHash } = await usersOf(latchkey).findUniqueOrThrow({
          where: { email: (await latchkey.person()).email },
        });
        await usersOf(latchkey).update({ where: { email }, data: { passwordHash } });
      },
      secrets: [token, newPassword],
    };
  };

const DOINGS: Record<string, Preparation> = {
  'verifyEmail with a token': verification('graphql'),
  'verifyEmail with a code': verification('code'),
  'the page that verifies': verification('page'),
  'POST /api/auth/verify-email': verification('rest'),
  'rejectRegistration with a code': rejection('graphql'),
  'the page that rejects': rejection('page'),
  'resetPassword with a token': reset('graphql'),
  'resetPassword with a code': reset('code'),
  'the page that resets': reset('page'),
  'POST /api/reset-password': reset('rest'),
  'confirmEmailChange with a code': async (latchkey) => {
    const { accessToken: bearer, code, token } = await mover(latchkey);
    return {
      event: 'change_email.completed',
      mails: 1,
      act: async (sending) => {
        const answer = await latchkey.send(ConfirmEmailChangeDocument, { input: { code } }, { bearer, ...sending });
        return answer.data?.confirmEmailChange?.__typename === 'ConfirmEmailChangeSuccess';
      },
      moveOn: () => latchkey.ask(LogoutDocument, { input: {} }, { bearer }),
      secrets: [token],
    };
  },
  'the page that confirms a change': async (latchkey) => {
    const { token, undoToken } = await mover(latchkey);
    return {
      event: 'change_email.completed',
      mails: 1,
      act: (sending) => press(latchkey, 'change-email', { token }, sending),
      moveOn: () => latchkey.ask(UndoEmailChangeDocument, { input: { token: undoToken } }),
      secrets: [token, undoToken],
    };
  },
  'the page that undoes a change': async (latchkey) => {
    const { email, token, undoToken } = await mover(latchkey);
    await latchkey.ask(ConfirmEmailChangeDocument, { input: { token } });
    await latchkey.mailTo(email, 3);
    return {
      event: 'change_email.undone',
      mails: 1,
      act: (sending) => press(latchkey, 'undo-email-change', { token: undoToken }, sending),
      moveOn: async () => {
        const token = tokenOf(await latchkey.mailTo(email, 4));
        await latchkey.ask(ResetPasswordDocument, { input: { token, newPassword: NEW_PASSWORD } });
      },
      secrets: [undoToken],
    };
  },
  'the page that undoes a deletion': async (latchkey) => {
    const { accessToken: bearer, email } = await latchkey.person();
    await latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer });
    const token = tokenOf(await latchkey.mailTo(email, 2));
    return {
      event: 'delete_account.undone',
      mails: 0,
      act: (sending) => press(latchkey, 'undo-account-deletion', { token }, sending),
      moveOn: async () => {
        const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
        if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
        const sending = { bearer: login.tokens.accessToken };
        await latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, sending);
      },
      secrets: [token],
    };
  },
  undoAccountDeletion: async (latchkey) => {
    const { accessToken: bearer, email } = await latchkey.person();
    await latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer });
    const token = tokenOf(await latchkey.mailTo(email, 2));
    return {
      event: 'delete_account.undone',
      mails: 0,
      act: async (sending) =>
        succeeded((await latchkey.ask(UndoAccountDeletionDocument, { input: { token } }, sending)).undoAccountDeletion),
      moveOn: disable(latchkey, email),
      secrets: [token],
    };
  },
  'acceptInvitation with a token': async (latchkey) => {
    const { id, guest, token } = await invited(latchkey);
    const sent = (sending: Sending) => ({ ...by(guest), ...sending });
    return {
      event: 'accept_invitation.completed',
      mails: 0,
      act: async (sending) =>
        succeeded((await latchkey.ask(AcceptInvitationDocument, { input: { token } }, sent(sending))).acceptInvitation),
      other: async (sending) =>
        succeeded((await latchkey.ask(DeclineInvitationDocument, { input: { token } }, sending)).declineInvitation),
      moveOn: () =>
        latchkey.app.parts.database.prisma.membership.deleteMany({ where: { organizationId: id, userId: guest.id } }),
      secrets: [token],
    };
  },
  'acceptInvitation with a code': async (latchkey) => {
    const { id, guest, code, token } = await invited(latchkey);
    const sent = (sending: Sending) => ({ ...by(guest), ...sending });
    return {
      event: 'accept_invitation.completed',
      mails: 0,
      act: async (sending) =>
        succeeded((await latchkey.ask(AcceptInvitationDocument, { input: { code } }, sent(sending))).acceptInvitation),
      moveOn: () =>
        latchkey.app.parts.database.prisma.organization.update({ where: { id }, data: { suspendedAt: new Date() } }),
      secrets: [token],
    };
  },
  'the page that declines': async (latchkey) => {
    const { id, guest, token } = await invited(latchkey);
    return {
      event: 'decline_invitation.completed',
      mails: 0,
      act: (sending) => press(latchkey, 'accept-invitation', { token }, sending),
      other: async (sending) => {
        const input = { token };
        return succeeded(
          (await latchkey.ask(AcceptInvitationDocument, { input }, { ...by(guest), ...sending })).acceptInvitation,
        );
      },
      moveOn: () => latchkey.app.parts.database.prisma.invitation.deleteMany({ where: { organizationId: id } }),
      secrets: [token],
    };
  },
};

describe.each(ENGINES)('on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const count = (name: string) => prisma().auditEvent.count({ where: { name } });
  /** How many emails have been sent to anyone, after those on their way have arrived: they leave in order. */
  const sent = async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    await latchkey.mailTo(email);
    return latchkey.smtp.mails.length;
  };

  // The embedded database is slower, and each operation is in the list by its link too.
  const doings = Object.entries(DOINGS).filter(([name]) => engine === 'postgresql' || !/code$|POST/.test(name));
  describe.each(doings)('%s', (_, prepare) => {
    test('two at once from one caller both succeed; it happens once, and for that caller alone, for five minutes', async () => {
      const { act, other, event, mails, secrets } = await prepare(latchkey);
      const failed = event.replace(/\.\w+$/, '.failed');
      const before = [await count(event), await count(failed), await sent()] as const;
      expect(await Promise.all([act(HOME), act(HOME)])).toEqual([true, true]);
      expect(await act(HOME)).toBe(true);
      const after = [await count(event), await count(failed), await sent()];
      // One of the emails is that of `sent`.
      expect(after).toEqual([before[0] + 1, before[1], before[2] + mails + 1]);
      const held = await dump(latchkey);
      for (const secret of secrets) expect(held).not.toContain(secret);

      for (const [who, sending] of Object.entries(OTHERS)) expect([who, await act(sending)]).toEqual([who, false]);
      expect(await other?.(HOME)).not.toBe(true);
      latchkey.advance({ minutes: 4 });
      expect(await act(HOME)).toBe(true);
      latchkey.advance({ minutes: 1, seconds: 1 });
      expect(await act(HOME)).toBe(false);
    });

    test('it is not repeated once things have moved on', async () => {
      const { act, moveOn } = await prepare(latchkey);
      expect(await act(HOME)).toBe(true);
      await moveOn();
      expect(await act(HOME)).toBe(false);
    });
  });

  test('another new password is refused, and ends the repetition', async () => {
    const { email, token } = await forgetful(latchkey);
    const reset = async (newPassword: string) => {
      const input = { token, newPassword };
      return succeeded((await latchkey.ask(ResetPasswordDocument, { input }, HOME)).resetPassword);
    };
    expect(await reset(NEW_PASSWORD)).toBe(true);
    expect(await reset('yet another new password')).toBe(false);
    expect(await reset(NEW_PASSWORD)).toBe(false);
    const input = { identifier: email, password: NEW_PASSWORD };
    expect(succeeded((await latchkey.ask(LoginDocument, { input }, HOME)).login)).toBe(true);
  });

  test('nobody is signed in by a repetition, whichever way the link was used first', async () => {
    const vault = vaultClient(latchkey);
    for (const isSignedInFirst of [true, false]) {
      const email = latchkey.address();
      await vault.register(email);
      const token = await vault.mailedToken(email);
      const doors = [
        async () => (await vault.get(`/api/verify-email/${token}`, undefined, HOME.ip)).status === 200,
        async () =>
          succeeded((await latchkey.ask(VerifyEmailDocument, { input: { token } }, { ip: HOME.ip })).verifyEmail),
      ];
      const [first, second] = isSignedInFirst ? doors : doors.reverse();
      expect([await first?.(), await second?.()]).toEqual([true, false]);
      expect(await doors[isSignedInFirst ? 0 : 1]?.()).toBe(false);
      const live = { user: { email }, endedAt: null };
      expect(await prisma().session.count({ where: live })).toBe(isSignedInFirst ? 1 : 0);
    }
  });

  test('wrong codes are counted all the same, and so are repeated ones', async () => {
    const { email, code } = await registered(latchkey);
    const verify = async (guess: string) =>
      (await latchkey.ask(VerifyEmailDocument, { input: { email, code: guess } }, HOME)).verifyEmail.__typename;
    expect(await verify(code)).toBe('VerifyEmailSuccess');
    const wrong = code === '000000' ? '000001' : '000000';
    for (let guess = 0; guess < 9; guess++) expect(await verify(wrong)).toBe('InvalidCodeError');
    expect(await verify(code)).toBe('VerifyEmailSuccess');
    expect(await verify(code)).toBe('TooManyAttemptsError');
  });

  test('the clean-up forgets what can no longer be repeated', async () => {
    const { token } = await registered(latchkey);
    await latchkey.ask(VerifyEmailDocument, { input: { token } }, HOME);
    await cleanUp(latchkey.app.parts);
    expect(await prisma().usedProof.count()).toBeGreaterThan(0);
    latchkey.advance({ minutes: 6 });
    await cleanUp(latchkey.app.parts);
    expect(await prisma().usedProof.count()).toBe(0);
  });
});
