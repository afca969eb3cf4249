/** One secret of each kind that the system gives out, all alive and of one account. */
import { challengeCode, challengeToken } from '#core/proofs/challenge-token.ts';
import { CreateLegacyPasswordDocument, RequestLoginDocument, StartTotpSetupDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD } from './latchkey.ts';
import { challengeOf, confirm, nextStep, type Protected } from './second-factor.ts';

export const PURPOSES = [
  'verify-email',
  'reset-password',
  'change-email',
  'sign-in-with-email',
  'reset-second-factors',
  'undo-email-change',
  'undo-account-deletion',
  'undo-security-change',
  'second-factor',
] as const;

/** LEGACY_PASSWORDS has to be on. */
export async function secretKinds(latchkey: Latchkey, person: Protected): Promise<Record<string, string>> {
  const begun = await challengeOf(latchkey, person);
  const answer = await confirm(latchkey, { challengeToken: begun, code: person.app.code(), trustDevice: true });
  if (answer.__typename !== 'LoginSuccess') throw new Error(answer.__typename);
  nextStep(latchkey);
  const bearer = answer.tokens.accessToken;
  const { startTotpSetup } = await latchkey.ask(StartTotpSetupDocument, {}, { bearer });
  if (startTotpSetup.__typename !== 'StartTotpSetupSuccess') throw new Error(startTotpSetup.__typename);
  const made = await latchkey.ask(CreateLegacyPasswordDocument, { input: { name: 'Scanner' } }, { bearer });
  if (made.createLegacyPassword.__typename !== 'CreateLegacyPasswordSuccess') throw new Error(JSON.stringify(made));
  const { requestLogin } = await latchkey.ask(RequestLoginDocument, { input: { email: person.email } });
  if (requestLogin.__typename !== 'RequestLoginSuccess') throw new Error(requestLogin.__typename);
  const kinds: Record<string, string> = {
    'access token': bearer,
    'refresh token': answer.tokens.refreshToken ?? '',
    'device token': answer.tokens.deviceToken ?? '',
    'setup token': startTotpSetup.setupToken,
    'sign-in request': requestLogin.challengeToken,
    'recovery code': person.recoveryCodes[0] ?? '',
    'app secret': person.secret,
    'legacy password': made.createLegacyPassword.password,
    password: PASSWORD,
  };
  const now = latchkey.app.parts.clock();
  const later = new Date(now.getTime() + 86_400_000);
  for (const purpose of PURPOSES) {
    const challenge = await latchkey.app.parts.database.prisma.challenge.create({
      data: {
        purpose,
        userId: person.id,
        address: person.email,
        method: 'password',
        createdAt: now,
        codeExpiresAt: later,
        expiresAt: later,
      },
    });
    kinds[`link ${purpose}`] = challengeToken(latchkey.app.parts.secrets, challenge);
    // A challenge of a second factor has no code that anyone is told.
    if (purpose !== 'second-factor') kinds[`code ${purpose}`] = challengeCode(latchkey.app.parts.secrets, challenge);
  }
  return kinds;
}
