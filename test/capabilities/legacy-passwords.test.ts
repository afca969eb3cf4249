import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  ConfirmEmailChangeDocument,
  CreateLegacyPasswordDocument,
  CreateOrganizationDocument,
  DeleteAccountDocument,
  DisableUserDocument,
  EnableUserDocument,
  EndUserSessionsDocument,
  ExportMyDataDocument,
  LoginDocument,
  LogoutEverywhereDocument,
  MeDocument,
  MyLegacyPasswordsDocument,
  ReauthenticateDocument,
  RemoveLegacyPasswordDocument,
  RemoveTotpDocument,
  RequestEmailChangeDocument,
  ResetSecondFactorsDocument,
  UndoSecurityChangeDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { restClient } from '../support/rest.ts';
import { elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';
import { workOf } from '../support/work.ts';

describe.each(ENGINES)('legacy passwords, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { LEGACY_PASSWORDS: 'on' } });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  const create = async ({ accessToken: bearer }: Pick<Person, 'accessToken'>, name = 'Scanner') =>
    (await latchkey.ask(CreateLegacyPasswordDocument, { input: { name } }, { bearer })).createLegacyPassword;
  const created = async (person: Pick<Person, 'accessToken'>) => {
    const answer = await create(person);
    if (answer.__typename !== 'CreateLegacyPasswordSuccess') throw new Error(JSON.stringify(answer));
    return answer;
  };
  const post = async (path: string, body: object) => restClient(latchkey).post(path, body);
  /** The logins of the four REST APIs: each gives an access token, or null. */
  const LOGINS: Record<string, (email: string, password: string) => Promise<string | null>> = {
    ConnectX: async (email, password) => (await post('/api/auth/login/', { email, password })).body.access ?? null,
    Organization: async (username, password) =>
      (await post('/auth/login', { username, password })).body.access_token ?? null,
    Vault: async (email, password) => (await post('/api/login', { email, password })).body.userToken ?? null,
    Token: async (username, password) =>
      (await restClient(latchkey).form('/auth/login', { username, password })).body.access_token ?? null,
  };
  const signIn = async (email: string, password: string) => LOGINS['ConnectX']?.(email, password) ?? null;

  test.each(Object.entries(LOGINS))('signs in to %s, as one factor', async (_, login) => {
    const ada = await protectedPerson(latchkey);
    const { password, legacyPassword } = await created(ada);
    expect(password).toMatch(/^lkp_[0-9A-Z]{28}$/);
    expect(await login(ada.email, PASSWORD)).toBeNull();
    const token = (await login(ada.email, password)) ?? '';
    expect(claimsOf(token)).toMatchObject({ sub: ada.id, acr: 'aal1', amr: ['pwd'] });
    const { me } = await latchkey.ask(MyLegacyPasswordsDocument, {}, { bearer: ada.accessToken });
    const { id } = legacyPassword;
    expect(me?.security?.legacyPasswords).toEqual([{ id, name: 'Scanner', lastUsedAt: expect.any(String) }]);
    const event = await prisma().auditEvent.findFirstOrThrow({
      where: { subjectId: ada.id, name: 'login.completed' },
      orderBy: { id: 'desc' },
    });
    expect(event).toMatchObject({ method: 'legacy-password', amr: ['pwd'] });
  });

  test('is good for its account only, and at no other place', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    const { password } = await created(ada);
    expect(await signIn(bob.email, password)).toBeNull();
    expect(await signIn(latchkey.address(), password)).toBeNull();
    for (const wrong of [password.toLowerCase(), `${password}0`, password.slice(0, -1), `lkp_${'0'.repeat(28)}`]) {
      expect(await signIn(ada.email, wrong)).toBeNull();
    }
    const input = { identifier: ada.email, password };
    expect((await latchkey.ask(LoginDocument, { input }, elsewhere())).login.__typename).toBe(
      'InvalidCredentialsError',
    );
    const sending = { bearer: ada.accessToken, ...elsewhere() };
    const { reauthenticate } = await latchkey.ask(ReauthenticateDocument, { input: { password } }, sending);
    expect(reauthenticate.__typename).toBe('InvalidCredentialsError');
    const { body } = await post('/api/login', { email: ada.email, password: PASSWORD });
    const confirmed = await post('/api/login/confirm', { challengeToken: body.challengeToken, code: password });
    expect(confirmed.status).toBe(400);
  });

  test('its session is never recent, can never be raised, and acts nowhere where a factor is required', async () => {
    const ada = await protectedPerson(latchkey);
    const bearer = (await signIn(ada.email, (await created(ada)).password)) ?? '';
    expect((await latchkey.ask(MeDocument, {}, { bearer })).me?.id).toBe(ada.id);
    const answers = [
      await latchkey.send(ExportMyDataDocument, {}, { bearer }),
      await latchkey.send(CreateLegacyPasswordDocument, { input: { name: 'x' } }, { bearer }),
      await latchkey.send(ReauthenticateDocument, { input: { code: ada.app.code() } }, { bearer }),
      await latchkey.send(ReauthenticateDocument, { input: { password: PASSWORD } }, { bearer }),
      await latchkey.send(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: 'nine unrelated red teapots' } },
        { bearer },
      ),
    ];
    for (const { errors } of answers) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'LEGACY_PASSWORD' });
    }
    const strict = await startLatchkey({
      engine,
      env: { LEGACY_PASSWORDS: 'on', REQUIRE_SECOND_FACTOR: 'everyone' },
    });
    const bob = await protectedPerson(strict);
    const made = await strict.ask(CreateLegacyPasswordDocument, { input: { name: 'x' } }, { bearer: bob.accessToken });
    if (made.createLegacyPassword.__typename !== 'CreateLegacyPasswordSuccess') throw new Error(JSON.stringify(made));
    const { password } = made.createLegacyPassword;
    const token = (await restClient(strict).post('/api/auth/login/', { email: bob.email, password })).body.access;
    const { errors } = await strict.send(CreateOrganizationDocument, { input: { name: 'Team' } }, { bearer: token });
    expect(errors?.[0]?.extensions?.['reason']).toBe('SECOND_FACTOR_REQUIRED');
    await strict.close();
  });

  /** What ends it, and its sessions. Gives the new address, if there is one. */
  const asAdmin = async () => {
    const admin = await latchkey.person();
    await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    return { bearer: admin.accessToken };
  };
  const ENDS: Record<string, (ada: Protected, id: string) => Promise<unknown>> = {
    'its removal': async ({ accessToken: bearer }, legacyPasswordId) => {
      const input = { legacyPasswordId };
      const { removeLegacyPassword } = await latchkey.ask(RemoveLegacyPasswordDocument, { input }, { bearer });
      expect(removeLegacyPassword.__typename).toBe('RemoveLegacyPasswordSuccess');
    },
    'a new password': ({ accessToken: bearer }) =>
      latchkey.ask(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: 'nine unrelated red teapots', endOtherSessions: false } },
        { bearer },
      ),
    'a new address': async ({ accessToken: bearer }) => {
      const newEmail = latchkey.address();
      await latchkey.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer });
      const { code } = await latchkey.mailTo(newEmail);
      const { confirmEmailChange } = await latchkey.ask(ConfirmEmailChangeDocument, { input: { code } }, { bearer });
      expect(confirmEmailChange.__typename).toBe('ConfirmEmailChangeSuccess');
      return newEmail;
    },
    'the removal of the second factors': async ({ id: userId }) => {
      const admin = await latchkey.person();
      await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
      await latchkey.ask(ResetSecondFactorsDocument, { input: { userId } }, { bearer: admin.accessToken });
    },
    'the removal of the last authenticator app': async ({ accessToken: bearer, factorId }) => {
      const { removeTotp } = await latchkey.ask(RemoveTotpDocument, { input: { factorId } }, { bearer });
      expect(removeTotp.__typename).toBe('RemoveTotpSuccess');
    },
    'signing out everywhere': ({ accessToken: bearer }) => latchkey.ask(LogoutEverywhereDocument, {}, { bearer }),
    'the end of all sessions by an administrator': async ({ id: userId }) => {
      await latchkey.ask(EndUserSessionsDocument, { input: { userId } }, await asAdmin());
    },
    'disabling the account, also when it is enabled again': async ({ id: userId }) => {
      const sending = await asAdmin();
      await latchkey.ask(DisableUserDocument, { input: { userId } }, sending);
      await latchkey.ask(EnableUserDocument, { input: { userId } }, sending);
    },
    'the deletion of the account, also when that is undone': async ({ id, accessToken: bearer }) => {
      const { deleteAccount } = await latchkey.ask(
        DeleteAccountDocument,
        { input: { password: PASSWORD } },
        { bearer },
      );
      expect(deleteAccount.__typename).toBe('DeleteAccountSuccess');
      await prisma().user.update({ where: { id }, data: { deletesAt: null } });
    },
    'the link in the email about it': async ({ email }) => {
      const { text, subject } = await latchkey.mailTo(email, 3);
      expect(subject).toBe('A password for an older client was created');
      const token = /undo-security-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
      await latchkey.ask(UndoSecurityChangeDocument, { input: { token } });
    },
  };
  test.each(Object.entries(ENDS))('ends with %s', async (_, end) => {
    const ada = await protectedPerson(latchkey);
    const { password, legacyPassword } = await created(ada);
    const bearer = (await signIn(ada.email, password)) ?? '';
    expect((await latchkey.ask(MeDocument, {}, { bearer })).me?.id).toBe(ada.id);
    const newEmail = await end(ada, legacyPassword.id);
    expect((await latchkey.send(MeDocument, {}, { bearer })).data?.me ?? null).toBeNull();
    expect(await signIn(typeof newEmail === 'string' ? newEmail : ada.email, password)).toBeNull();
  });

  test('an administrator has none, and one made before the promotion does not count', async () => {
    const ada = await protectedPerson(latchkey);
    const { password } = await created(ada);
    const before = (await signIn(ada.email, password)) ?? '';
    await prisma().user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    expect(await signIn(ada.email, password)).toBeNull();
    const input = { input: { name: 'x' } };
    const refused = await latchkey.send(CreateLegacyPasswordDocument, input, { bearer: ada.accessToken });
    expect(refused.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    const reset = { input: { userId: ada.id } };
    const acting = await latchkey.send(ResetSecondFactorsDocument, reset, { bearer: before });
    expect(acting.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  });

  test('ten at most; nobody removes that of someone else; the dump holds none', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await latchkey.person()];
    const made = [];
    for (let each = 0; each < 10; each++) made.push(await created(ada));
    expect((await create(ada)).__typename).toBe('LimitReachedError');
    expect(await create(ada, '')).toMatchObject({ fieldErrors: [{ path: ['name'] }] });
    for (const legacyPasswordId of [made[0]?.legacyPassword.id ?? '', 'x', '\0']) {
      const input = { input: { legacyPasswordId } };
      const { errors } = await latchkey.send(RemoveLegacyPasswordDocument, input, { bearer: bob.accessToken });
      expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    }
    const everything = (await dump(latchkey)) + latchkey.logged();
    for (const { password } of made) expect(everything).not.toContain(password.slice(4));
  });

  test('a disabled account and a removal at the same moment open nothing', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    const { password } = await created(ada);
    await prisma().user.update({ where: { id: ada.id }, data: { disabledAt: new Date() } });
    expect((await post('/api/auth/login/', { email: ada.email, password })).status).toBe(403);
    const made = await created(bob);
    const remove = () => ENDS['its removal']?.(bob, made.legacyPassword.id);
    const [, ...tokens] = await Promise.all([
      remove(),
      ...Array.from({ length: 5 }, () => signIn(bob.email, made.password)),
    ]);
    for (const bearer of tokens) {
      if (bearer === null) continue;
      expect((await latchkey.send(MeDocument, {}, { bearer: String(bearer) })).data?.me ?? null).toBeNull();
    }
  });
});

describe('legacy passwords', () => {
  test('are off by default: nobody makes one, and one that was made counts for nothing', async () => {
    const latchkey = await startLatchkey({ engine: 'postgresql', env: { LEGACY_PASSWORDS: 'on' } });
    const ada = await protectedPerson(latchkey);
    const sending = { bearer: ada.accessToken };
    const made = await latchkey.ask(CreateLegacyPasswordDocument, { input: { name: 'x' } }, sending);
    if (made.createLegacyPassword.__typename !== 'CreateLegacyPasswordSuccess') throw new Error(JSON.stringify(made));
    const { password } = made.createLegacyPassword;
    const opened = await restClient(latchkey).post('/api/auth/login/', { email: ada.email, password });
    const { access, refresh } = opened.body;
    const goOn = async () => [
      (await latchkey.send(MeDocument, {}, { bearer: access })).data?.me?.id ?? null,
      (await restClient(latchkey).post('/api/auth/refresh/', { refresh })).status,
    ];
    expect(await goOn()).toEqual([ada.id, 200]);
    const guess = (email: string) => () => restClient(latchkey).post('/api/auth/login/', { email, password: guessed });
    const guessed = `lkp_${'7'.repeat(28)}`;
    // Once a minute the first wrong password looks up which kinds of hash are in use.
    await guess(latchkey.address())();
    const [known, unknown] = [
      await workOf(latchkey, guess(ada.email)),
      await workOf(latchkey, guess(latchkey.address())),
    ];
    expect([known.hashes, known.statements.length]).toEqual([unknown.hashes, unknown.statements.length]);
    Object.assign(latchkey.config, { legacyPasswords: false });
    await latchkey.restart();
    const { errors } = await latchkey.send(CreateLegacyPasswordDocument, { input: { name: 'x' } }, sending);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'LEGACY_PASSWORDS_OFF' });
    const refused = await restClient(latchkey).post('/api/auth/login/', { email: ada.email, password });
    expect(refused.status).toBe(401);
    expect(await goOn()).toEqual([null, 401]);
    await latchkey.close();
  });
});
