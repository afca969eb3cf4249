/**
 * A code or a link from an email that does not count: wrong, expired, replaced, used, tried too often, or of an address
 * that nobody has. All get one answer, and none takes another time than the others: as many statements and rows.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invitationCode, invitationToken } from '#core/organizations/invitation.ts';
import type { ChallengePurpose } from '#core/proofs/challenge-purpose.ts';
import { challengeCode, challengeToken } from '#core/proofs/challenge-token.ts';
import { requestTokenOf } from '#core/proofs/request-token.ts';
import {
  AcceptInvitationDocument,
  ConfirmEmailChangeDocument,
  ConfirmSecondFactorResetDocument,
  CreateOrganizationDocument,
  DeclineInvitationDocument,
  LoginWithEmailDocument,
  RejectRegistrationDocument,
  ResetPasswordDocument,
  UndoAccountDeletionDocument,
  UndoEmailChangeDocument,
  UndoSecurityChangeDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { amountOf, watchWrites, workOf } from '../support/work.ts';

const NEW_PASSWORD = 'another good passphrase';
const HOUR = 3_600_000;
/** What is wrong with it, besides what nobody was ever sent. */
const STATES = ['wrong', 'expired', 'replaced', 'used', 'tried too often', 'unknown'] as const;
type State = (typeof STATES)[number];

let latchkey: Latchkey;
let networks = 0;
beforeAll(async () => {
  latchkey = await startLatchkey({ engine: 'postgresql' });
  await watchWrites(latchkey);
});
afterAll(() => latchkey.close());

const sending = () => ({ ip: `10.9.${networks >> 8}.${networks++ & 255}` });
const secrets = () => latchkey.app.parts.secrets;
const prisma = () => latchkey.app.parts.database.prisma;

/** A row in a state, and the code and the tokens that its email and its request would have had. */
async function issued(state: State, purpose: ChallengePurpose, person: Person, isBound: boolean) {
  const now = Date.now();
  const at = (hours: number) => new Date(now + hours * HOUR);
  const ends = at(state === 'expired' ? -1 : 1);
  const challenge = {
    id: randomUUID(),
    purpose,
    userId: person.id,
    address: person.email,
    isBound,
    createdAt: at(-2),
    codeExpiresAt: ends,
    expiresAt: ends,
    consumedAt: state === 'used' ? at(-1) : null,
    replacedAt: state === 'replaced' ? at(-1) : null,
    attempts: state === 'tried too often' ? 5 : 0,
  };
  if (state !== 'unknown') await prisma().challenge.create({ data: challenge });
  const newer = { ...challenge, id: randomUUID(), createdAt: at(-1), replacedAt: null };
  if (state === 'replaced') await prisma().challenge.create({ data: newer });
  const right = challengeCode(secrets(), challenge);
  return {
    email: state === 'unknown' ? latchkey.address() : person.email,
    code: state === 'wrong' ? otherThan(right) : right,
    token: state === 'wrong' ? forged(48) : challengeToken(secrets(), challenge),
    requestToken: requestTokenOf({ secrets: secrets() }, challenge),
  };
}

const otherThan = (code: string) => code.replace(/./, (digit) => String((Number(digit) + 1) % 10));
const forged = (bytes: number) => randomBytes(bytes).toString('base64url');

type Issued = Awaited<ReturnType<typeof issued>>;
type Doing = [purpose: ChallengePurpose, present: (given: Issued, person: Person) => Promise<unknown>, isBound?: true];

const CODES: Record<string, Doing> = {
  'verifyEmail with a code': [
    'verify-email',
    ({ email, code }) => latchkey.ask(VerifyEmailDocument, { input: { email, code } }, sending()),
  ],
  'verifyEmail with a bound code': [
    'verify-email',
    ({ requestToken, code }) => latchkey.ask(VerifyEmailDocument, { input: { requestToken, code } }, sending()),
    true,
  ],
  'rejectRegistration with a code': [
    'verify-email',
    ({ email, code }) => latchkey.ask(RejectRegistrationDocument, { input: { email, code } }, sending()),
  ],
  'resetPassword with a code': [
    'reset-password',
    ({ email, code }) =>
      latchkey.ask(ResetPasswordDocument, { input: { email, code, newPassword: NEW_PASSWORD } }, sending()),
  ],
  'resetPassword with a bound code': [
    'reset-password',
    ({ requestToken, code }) =>
      latchkey.ask(ResetPasswordDocument, { input: { requestToken, code, newPassword: NEW_PASSWORD } }, sending()),
    true,
  ],
  'confirmEmailChange with a code': [
    'change-email',
    ({ code }, { accessToken: bearer }) =>
      latchkey.ask(ConfirmEmailChangeDocument, { input: { code } }, { ...sending(), bearer }),
  ],
  'loginWithEmail with a code': [
    'sign-in-with-email',
    ({ requestToken: challengeToken, code }) =>
      latchkey.ask(LoginWithEmailDocument, { input: { challengeToken, code } }, sending()),
  ],
};

const LINKS: Record<string, Doing> = {
  'verifyEmail with a link': [
    'verify-email',
    ({ token }) => latchkey.ask(VerifyEmailDocument, { input: { token } }, sending()),
  ],
  'rejectRegistration with a link': [
    'verify-email',
    ({ token }) => latchkey.ask(RejectRegistrationDocument, { input: { token } }, sending()),
  ],
  'resetPassword with a link': [
    'reset-password',
    ({ token }) => latchkey.ask(ResetPasswordDocument, { input: { token, newPassword: NEW_PASSWORD } }, sending()),
  ],
  'confirmEmailChange with a link': [
    'change-email',
    ({ token }) => latchkey.ask(ConfirmEmailChangeDocument, { input: { token } }, sending()),
  ],
  undoEmailChange: [
    'undo-email-change',
    ({ token }) => latchkey.ask(UndoEmailChangeDocument, { input: { token } }, sending()),
  ],
  undoAccountDeletion: [
    'undo-account-deletion',
    ({ token }) => latchkey.ask(UndoAccountDeletionDocument, { input: { token } }, sending()),
  ],
  undoSecurityChange: [
    'undo-security-change',
    ({ token }) => latchkey.ask(UndoSecurityChangeDocument, { input: { token } }, sending()),
  ],
  confirmSecondFactorReset: [
    'reset-second-factors',
    ({ token }) => latchkey.ask(ConfirmSecondFactorResetDocument, { input: { token } }, sending()),
  ],
  'loginWithEmail with a link': [
    'sign-in-with-email',
    ({ token }) => latchkey.ask(LoginWithEmailDocument, { input: { token } }, sending()),
  ],
};

/** What each of the states gets and costs. */
async function compared(states: readonly State[], once: (state: State) => Promise<() => Promise<unknown>>) {
  const seen = new Map<State, unknown>();
  for (const state of states) {
    const present = await once(state);
    let answer: unknown;
    const work = await workOf(latchkey, async () => {
      answer = await present();
    });
    seen.set(state, { answer, amount: amountOf(work) });
  }
  return seen;
}

function expectAlike(seen: Map<State, unknown>): void {
  for (const [state, one] of seen) expect(one, state).toEqual(seen.get('unknown'));
}

describe('one answer and the same work for a code or link that does not count', () => {
  test.each(Object.entries(CODES))('%s', async (_, [purpose, present, isBound = false]) => {
    // `confirmEmailChange` is of someone signed in, who has requested none: that is what is unknown there.
    const seen = await compared(STATES, async (state) => {
      const person = await latchkey.person();
      await prisma().challenge.deleteMany({ where: { userId: person.id } });
      const given = await issued(state, purpose, person, isBound);
      return () => present(given, person);
    });
    expectAlike(seen);
    expect(JSON.stringify(seen.get('unknown'))).toContain('InvalidCodeError');
  });

  test.each(Object.entries(LINKS))('%s', async (_, [purpose, present]) => {
    const states = STATES.filter((state) => state !== 'tried too often');
    const seen = await compared(states, async (state) => {
      const person = await latchkey.person();
      const given = await issued(state, purpose, person, false);
      return () => present(given, person);
    });
    expectAlike(seen);
    expect(JSON.stringify(seen.get('unknown'))).toContain('InvalidCodeError');
  });

  describe('of an invitation', () => {
    let organizationId = '';
    beforeAll(async () => {
      const owner = await latchkey.person();
      const input = { name: 'Acme' };
      const made = await latchkey.ask(CreateOrganizationDocument, { input }, { bearer: owner.accessToken });
      if (made.createOrganization.__typename !== 'CreateOrganizationSuccess') throw new Error('no organization');
      organizationId = made.createOrganization.organization.id;
    });

    async function invited(state: State, email: string) {
      const at = (hours: number) => new Date(Date.now() + hours * HOUR);
      const invitation = { id: randomUUID(), generation: 1 };
      const data = {
        id: invitation.id,
        organizationId,
        email,
        role: 'MEMBER',
        locale: 'en',
        generation: state === 'replaced' ? 2 : 1,
        attempts: state === 'tried too often' ? 5 : 0,
        createdAt: at(-2),
        expiresAt: at(state === 'expired' ? -1 : 1),
        acceptedAt: state === 'used' ? at(-1) : null,
      } as const;
      if (state !== 'unknown') await prisma().invitation.create({ data });
      const code = invitationCode(secrets(), invitation);
      return {
        code: state === 'wrong' ? otherThan(code) : code,
        token: state === 'wrong' ? forged(54) : invitationToken(secrets(), invitation),
      };
    }

    test('acceptInvitation with a code', async () => {
      const seen = await compared(STATES, async (state) => {
        const { email, accessToken: bearer } = await latchkey.person();
        const { code } = await invited(state, email);
        return () => latchkey.ask(AcceptInvitationDocument, { input: { code } }, { ...sending(), bearer });
      });
      expectAlike(seen);
      expect(JSON.stringify(seen.get('unknown'))).toContain('InvalidInvitationError');
    });

    test.each(['acceptInvitation', 'declineInvitation'])('%s with a link', async (name) => {
      const states = STATES.filter((state) => state !== 'tried too often');
      const seen = await compared(states, async (state) => {
        const { email, accessToken: bearer } = await latchkey.person();
        const { token } = await invited(state, email);
        const input = { token };
        return name === 'acceptInvitation'
          ? () => latchkey.ask(AcceptInvitationDocument, { input }, { ...sending(), bearer })
          : () => latchkey.ask(DeclineInvitationDocument, { input }, sending());
      });
      expectAlike(seen);
      expect(JSON.stringify(seen.get('unknown'))).toContain('InvalidInvitationError');
    });
  });
});
