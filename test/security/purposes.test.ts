/**
 * Every token, code and link of the system is refused at every place that takes another kind: a table over all of them.
 * A place that takes a secret, and a kind of secret, that are not in the tables fail the test.
 */
import { getNamedType, isInputObjectType, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '#graphql/schema.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { variablesOf } from '../support/operation-of.ts';
import { challengeOf, elsewhere, protectedPerson } from '../support/second-factor.ts';
import { PURPOSES, secretKinds } from '../support/secret-kinds.ts';

/** Each place of the schema that takes a token or a code, with the kinds that are right there. */
const PLACES: Record<string, readonly string[]> = {
  'verifyEmail.token': ['link verify-email'],
  'verifyEmail.code': [],
  'register.invitationToken': [],
  'rejectRegistration.code': [],
  'rejectRegistration.token': ['link verify-email'],
  'refresh.refreshToken': ['refresh token'],
  'logout.refreshToken': ['refresh token'],
  'resetPassword.token': ['link reset-password'],
  'resetPassword.code': [],
  'confirmEmailChange.token': ['link change-email'],
  'confirmEmailChange.code': [],
  'undoEmailChange.token': ['link undo-email-change'],
  'undoAccountDeletion.token': ['link undo-account-deletion'],
  'undoSecurityChange.token': ['link undo-security-change'],
  'confirmSecondFactorReset.token': ['link reset-second-factors'],
  'requestSecondFactorReset.challengeToken': ['link second-factor'],
  'confirmLogin.challengeToken': ['link second-factor'],
  'confirmLogin.code': [],
  'confirmLogin.recoveryCode': ['recovery code'],
  'loginWithEmail.token': ['link sign-in-with-email'],
  'loginWithEmail.challengeToken': ['sign-in request'],
  'loginWithEmail.code': [],
  'login.deviceToken': ['device token'],
  'confirmLogin.deviceToken': ['device token'],
  'loginWithEmail.deviceToken': ['device token'],
  'reauthenticate.code': [],
  'reauthenticate.recoveryCode': ['recovery code'],
  'reauthenticate.refreshToken': ['refresh token'],
  'confirmTotpSetup.refreshToken': ['refresh token'],
  'confirmTotpSetup.setupToken': ['setup token'],
  'confirmTotpSetup.code': [],
  'verifyEmail.requestToken': [],
  'resetPassword.requestToken': [],
  'acceptInvitation.token': [],
  'acceptInvitation.code': [],
  'declineInvitation.token': [],
};

/** A place whose answer is a success whatever is given, and that shows otherwise what it did not take. */
const HARMLESS = new Set(['logout.refreshToken']);

const MUTATIONS = Object.values(schema.getMutationType()?.getFields() ?? {});

test('every place that takes a token or a code is in the table', () => {
  const places = MUTATIONS.flatMap(({ name, args }) => {
    const input = args[0] && getNamedType(args[0].type);
    const fields = isInputObjectType(input) ? Object.values(input.getFields()) : [];
    const secrets = fields.filter((field) => /token$|code$/i.test(field.name) && String(field.type) !== 'Boolean');
    return secrets.map((field) => `${name}.${field.name}`);
  });
  expect(places.sort()).toEqual(Object.keys(PLACES).sort());
});

describe('a secret of one kind is worth nothing as another', () => {
  let latchkey: Latchkey;
  let secrets: Record<string, string>;
  let bearer: string;
  let person: Awaited<ReturnType<typeof protectedPerson>>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { LEGACY_PASSWORDS: 'on' } });
    person = await protectedPerson(latchkey);
    secrets = await secretKinds(latchkey, person);
    bearer = secrets['access token'] ?? '';
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  test.each(Object.keys(PLACES))('%s', async (place) => {
    const [name = '', field = ''] = place.split('.');
    const mutation = MUTATIONS.find((each) => each.name === name);
    const [arg] = mutation?.args ?? [];
    if (mutation === undefined || arg === undefined) throw new Error(place);
    const query = `mutation ($input: ${arg.type}) { ${name}(input: $input) { __typename ... on UserError { code } } }`;
    const live = await challengeOf(latchkey, person);
    const right: Record<string, unknown> = {
      email: person.email,
      identifier: person.email,
      password: PASSWORD,
      newPassword: 'nine unrelated red teapots',
      // What stands beside a code has to be right, so that the code alone decides.
      ...(name === 'confirmLogin' && field !== 'challengeToken' && { challengeToken: live }),
      ...(name === 'loginWithEmail' && field === 'code' && { challengeToken: secrets['sign-in request'] }),
      ...(name === 'confirmTotpSetup' && field !== 'setupToken' && { setupToken: secrets['setup token'] }),
      ...(name === 'confirmTotpSetup' && field === 'refreshToken' && { code: '000000' }),
      ...(name === 'confirmTotpSetup' && field === 'setupToken' && { code: '000000' }),
      ...(name === 'loginWithEmail' && field === 'challengeToken' && { code: '000000' }),
      ...(name === 'confirmLogin' && field === 'challengeToken' && { code: person.app.code() }),
      // It stands for the address.
      ...(field === 'requestToken' && { code: '000000', email: undefined }),
    };
    for (const [kind, secret] of Object.entries(secrets)) {
      // A code for the same purpose is the right one, and a code of six digits may be asked for by its own place only.
      const own = {
        verifyEmail: 'verify-email',
        rejectRegistration: 'verify-email',
        resetPassword: 'reset-password',
        confirmEmailChange: 'change-email',
      }[name];
      if (PLACES[place]?.includes(kind) || (field === 'code' && kind === `code ${own}`)) continue;
      // Six digits are not a token, whatever they are for: one kind of them is enough there.
      if (/Token$|token$/.test(field) && /^code (?!verify)/.test(kind)) continue;
      if (place === 'loginWithEmail.code') continue; // The code of its own request is not known here; the others are random.
      await prisma().throttle.deleteMany();
      await prisma().challenge.updateMany({ data: { attempts: 0 } });
      await prisma().user.updateMany({ data: { secondFactorFailures: 0, passwordSuspendedAt: null } });
      const input = { ...right, [field]: secret };
      const given = variablesOf(mutation, (path) =>
        path.length > 1 ? (input as Record<string, unknown>)[path.at(-1) ?? ''] : undefined,
      );
      const sending = { ...elsewhere(), ...(/^(confirmTotp|reauth|confirmEmail|acceptInv)/.test(name) && { bearer }) };
      const { data, errors } = await latchkey.send(parse(query) as never, given as never, sending);
      const answer = (data as Record<string, { __typename: string }> | null | undefined)?.[name]?.__typename ?? '';
      expect(errors?.[0]?.extensions?.['code'], `${kind} at ${place}`).not.toBe('INTERNAL_SERVER_ERROR');
      if (!HARMLESS.has(place)) expect(answer, `${kind} at ${place}`).not.toMatch(/Success$/);
    }
    // Nothing of it was used up.
    const links = {
      userId: person.id,
      purpose: { in: [...PURPOSES] },
      codeExpiresAt: { gt: latchkey.app.parts.clock() },
    };
    const spent = await prisma().challenge.count({
      where: { ...links, method: 'password', address: person.email, consumedAt: { not: null } },
    });
    expect(spent).toBe(1);
  });
});
