/** `latchkey restored`: what was revoked after a backup stays revoked when the backup is restored. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AcceptInvitationDocument,
  ConfirmLoginDocument,
  DeleteAccountDocument,
  InviteMemberDocument,
  LoginDocument,
  LoginWithEmailDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  RequestLoginDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoAccountDeletionDocument,
} from '../generated/graphql.ts';
import { type Backup, stoppedServiceEnv, takeBackup } from '../support/backup.ts';
import { runLatchkey } from '../support/command.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';

const NEW_PASSWORD = 'another horse, battery and staple';
const TOKEN = /token=([\w-]+)/;

describe.each(ENGINES)('a backup on %s', (engine) => {
  let latchkey: Latchkey;
  let backup: Backup;
  let env: Record<string, string>;
  let ada: Person;
  let leaver: Person;
  let guarded: Protected;
  let invited: Person;
  let restoredAt = '';
  let lengthBefore = 0;
  let [resetToken, signInToken, invitationToken] = ['', '', ''];

  const refresh = async ({ refreshToken }: { refreshToken: string }) =>
    (await latchkey.ask(RefreshDocument, { input: { refreshToken } }, elsewhere())).refresh.__typename;
  const login = async ({ email }: Person, password: string) =>
    (await latchkey.ask(LoginDocument, { input: { identifier: email, password } }, elsewhere())).login.__typename;
  const reset = async (token: string, newPassword = NEW_PASSWORD) =>
    (await latchkey.ask(ResetPasswordDocument, { input: { token, newPassword } }, elsewhere())).resetPassword
      .__typename;
  const signInWith = async (token: string) =>
    (await latchkey.ask(LoginWithEmailDocument, { input: { token } }, elsewhere())).loginWithEmail.__typename;
  const accept = async (token: string, person: Person) =>
    (await latchkey.send(AcceptInvitationDocument, { input: { token } }, { bearer: person.accessToken })).data
      ?.acceptInvitation.__typename;
  const isSignedIn = async ({ accessToken }: Person) =>
    ((await latchkey.send(MeDocument, {}, { bearer: accessToken })).errors ?? []).length === 0;
  /** The token of the link that `request` has sent. */
  const tokenFrom = async (email: string, request: () => Promise<unknown>) => {
    const links = () =>
      latchkey.smtp.mails.flatMap(({ envelope, link }) => (envelope.to.includes(email) && link) || []);
    const before = links().length;
    await request();
    await latchkey.smtp.waitForMail(() => links().length > before);
    return TOKEN.exec(links().at(-1) ?? '')?.[1] ?? '';
  };
  const requestReset = (email: string) =>
    tokenFrom(email, () => latchkey.ask(RequestPasswordResetDocument, { input: { email } }));
  const withRecoveryCode = async (recoveryCode: string) => {
    const challengeToken = await challengeOf(latchkey, guarded);
    const input = { challengeToken, recoveryCode };
    return (await latchkey.ask(ConfirmLoginDocument, { input }, elsewhere())).confirmLogin.__typename;
  };
  const restored = async (options: readonly string[] = [], settings: Record<string, string> = {}) => {
    const said = await runLatchkey(['restored', '--json', ...options], { env: { ...env, ...settings } });
    expect([said.code, said.stderr]).toEqual([0, '']);
    return JSON.parse(said.stdout);
  };

  beforeAll(async () => {
    const data = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    latchkey = await startLatchkey({ engine, env: { DATA_DIR: data } });
    env = { DATA_DIR: data, ...stoppedServiceEnv(latchkey) };
    [ada, leaver, invited] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
    guarded = await protectedPerson(latchkey);
    resetToken = await requestReset(ada.email);
    signInToken = await tokenFrom(leaver.email, () =>
      latchkey.ask(RequestLoginDocument, { input: { email: leaver.email } }),
    );
    const invitation = { email: invited.email, role: 'MEMBER' } as const;
    invitationToken = await tokenFrom(invited.email, () =>
      latchkey.ask(InviteMemberDocument, { input: invitation }, { bearer: ada.accessToken }),
    );
    await latchkey.restart(async () => {
      backup = await takeBackup(latchkey);
    });
  });
  afterAll(async () => {
    await backup.drop();
    await latchkey.close();
  });

  /** Revokes and uses everything, as it happens between a backup and the day on which it is needed. */
  async function live(): Promise<void> {
    await latchkey.ask(LogoutDocument, { input: { refreshToken: leaver.refreshToken } });
    expect(await reset(resetToken)).toBe('ResetPasswordSuccess');
    expect(await signInWith(signInToken)).toBe('LoginSuccess');
    expect(await accept(invitationToken, invited)).toBe('AcceptInvitationSuccess');
    expect(await withRecoveryCode(guarded.recoveryCodes[0] ?? '')).toBe('LoginSuccess');
    expect(await isSignedIn(ada)).toBe(false);
  }

  /** What the log and `latchkey doctor` of the stopped service say about the age of the database. */
  const saysOlder = () => latchkey.logged().includes('older than it was');
  const doctor = async () => (await runLatchkey(['doctor'], { env })).stdout;

  test('without `restored`, what was revoked works again, and the start notices', async () => {
    await live();
    expect(saysOlder()).toBe(false);
    await latchkey.restart(async () => {
      expect(await doctor()).not.toContain('The database is older');
      await backup.restore();
      expect(await doctor()).toContain('The database is older');
    });
    expect(saysOlder()).toBe(true);
    expect(await isSignedIn(leaver)).toBe(true);
    expect(await refresh(leaver)).toBe('RefreshSuccess');
    expect(await login(ada, PASSWORD)).toBe('LoginSuccess');
    expect(await signInWith(signInToken)).toBe('LoginSuccess');
    expect(await withRecoveryCode(guarded.recoveryCodes[0] ?? '')).toBe('LoginSuccess');
    expect(await reset(resetToken)).toBe('ResetPasswordSuccess');
  });

  test('a restored backup revives nothing after latchkey restored', async () => {
    await latchkey.restart(async () => {
      await backup.restore();
      restoredAt = new Date().toISOString();
      lengthBefore = latchkey.logged().length;
      expect(await restored()).toMatchObject({ sessions: 4, passwords: 4, invitations: 1, signingKeys: 1 });
    });
    expect(latchkey.logged().slice(lengthBefore)).not.toContain('older than it was');
    const { prisma } = latchkey.app.parts.database;
    for (const person of [ada, leaver, invited, guarded]) {
      expect(await isSignedIn(person)).toBe(false);
      expect(await refresh(person)).toBe('SessionEndedError');
    }
    for (const person of [ada, leaver, invited, guarded])
      expect(await login(person, PASSWORD)).toBe('InvalidCredentialsError');
    expect(await signInWith(signInToken)).toBe('InvalidCodeError');
    expect(await reset(resetToken)).toBe('InvalidCodeError');
    expect(await prisma.recoveryCode.count({ where: { usedAt: null } })).toBe(0);
    expect(await prisma.auditEvent.findFirst({ where: { name: 'restore_backup.completed' } })).toMatchObject({
      origin: 'operator',
      outcome: 'SUCCESS',
    });

    // Its owner sets a new password by email, and everything goes on.
    latchkey.advance({ minutes: 2 });
    expect(await reset(await requestReset(ada.email))).toBe('ResetPasswordSuccess');
    const input = { identifier: ada.email, password: NEW_PASSWORD };
    const { login: again } = await latchkey.ask(LoginDocument, { input });
    if (again.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(again));
    const { accessToken } = again.tokens;
    expect(await accept(invitationToken, { ...ada, accessToken })).toBe('InvalidInvitationError');
  });

  test('what people do after the restore stays, if the operator says when that was', async () => {
    const { login: signedIn } = await latchkey.ask(LoginDocument, {
      input: { identifier: ada.email, password: NEW_PASSWORD },
    });
    if (signedIn.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(signedIn));
    await latchkey.restart(async () => {
      expect(await restored(['--at', restoredAt])).toEqual(
        expect.objectContaining({ sessions: 0, passwords: 0, signingKeys: 0 }),
      );
    });
    expect(await refresh({ refreshToken: signedIn.tokens.refreshToken ?? '' })).toBe('RefreshSuccess');
    expect(await login(ada, NEW_PASSWORD)).toBe('LoginSuccess');
  });

  test('a deletion that was undone after the backup is announced again', async () => {
    const gone = await latchkey.person();
    const undoToken = await tokenFrom(gone.email, () =>
      latchkey.ask(DeleteAccountDocument, { input: { password: PASSWORD } }, { bearer: gone.accessToken }),
    );
    let late: Backup | undefined;
    await latchkey.restart(async () => {
      late = await takeBackup(latchkey);
    });
    const undo = async () =>
      (await latchkey.ask(UndoAccountDeletionDocument, { input: { token: undoToken } })).undoAccountDeletion.__typename;
    expect(await undo()).toBe('UndoAccountDeletionSuccess');
    latchkey.advance({ days: 6 });
    let at = '';
    const again = async () => restored(['--at', at], { ACCOUNT_DELETION_GRACE: '60d' });
    const announced = await tokenFrom(gone.email, () =>
      latchkey.restart(async () => {
        await late?.restore();
        at = new Date().toISOString();
        const { postponedDeletions } = await restored([], { ACCOUNT_DELETION_GRACE: '30d' });
        expect(postponedDeletions).toBe(1);
        expect(await again()).toMatchObject({ postponedDeletions: 0 });
      }),
    );
    await late?.drop();
    expect(announced).toBe(undoToken);
    expect(await undo()).toBe('UndoAccountDeletionSuccess');
    // A removal of second factors that was requested after the restore goes on; one from before does not.
    const { prisma } = latchkey.app.parts.database;
    const waiting = { factorsResetAt: latchkey.app.parts.clock() };
    await prisma.user.updateMany({ where: { id: { in: [guarded.id, gone.id] } }, data: waiting });
    const requested = { name: 'second_factor_reset.requested', outcome: 'SUCCESS', origin: 'request' };
    const occurredAt = new Date();
    await prisma.auditEvent.create({ data: { ...requested, subjectId: guarded.id, requestId: 'x', occurredAt } });
    await latchkey.restart(async () => {
      expect(await again()).toMatchObject({ canceledFactorResets: 1 });
    });
    const left = await latchkey.app.parts.database.prisma.user.findMany({ where: { factorsResetAt: { not: null } } });
    expect(left.map(({ id }) => id)).toEqual([guarded.id]);
  });

  test('passwords stay if the operator wants that, and nothing else', async () => {
    const person = await latchkey.person();
    await latchkey.restart(async () => {
      expect(await restored(['--keep-passwords'])).toMatchObject({ passwords: 0, legacyPasswords: 0 });
    });
    expect(await refresh(person)).toBe('SessionEndedError');
    expect(await login(person, PASSWORD)).toBe('LoginSuccess');
  });

  test('a time in the future is refused', async () => {
    await latchkey.restart(async () => {
      const said = await runLatchkey(['restored', '--at', '2999-01-01T00:00:00Z'], { env });
      expect([said.code, said.stdout]).toEqual([2, '']);
    });
  });
});

test('a running service on the embedded database is not disturbed', async () => {
  const latchkey = await startLatchkey();
  const env = stoppedServiceEnv(latchkey);
  const person = await latchkey.person();
  const said = await runLatchkey(['restored'], { env });
  expect(said.code).toBe(1);
  expect(said.stderr).toContain('is in use by process');
  const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
  expect(refresh.__typename).toBe('RefreshSuccess');
  await latchkey.close();
});
