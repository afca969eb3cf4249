/** After a backup was restored: `latchkey restored`. */
import { secureRestoredBackup } from '#capabilities/restored-backup/restored-backup.ts';
import { command, JSON_OPTION, UsageError } from './command.ts';
import { withOperator } from './open.ts';
import { say, sayJson, tableOf } from './terminal.ts';
import { timeOf } from './time-option.ts';

/** Without --at, everything ends, even what a machine with a fast clock wrote. */
const END_OF_TIME = new Date('9999-12-31T00:00:00Z');

export const restored = command({
  name: 'restored',
  summary: 'end what a restored backup has revived; run it before you start the service',
  options: {
    at: { type: 'string', value: 'TIME', help: 'when the restored database went into use (default: now)' },
    'keep-passwords': { type: 'boolean', help: 'do not make everyone set a new password' },
    ...JSON_OPTION,
  },
  details: `
A backup does not know what was revoked after it: sessions that were signed out, codes that were used, passwords that
were changed. This command ends everything that opens an account, in one transaction: sessions, trusted devices, codes
and links, open invitations, passwords, passwords of REST clients, recovery codes, and waiting emails. It replaces the
signing keys, so that all access tokens are refused, and writes to the audit log. People sign in again after they set a
new password by email. Authenticator apps, and links that undo a change, stay.

Pending deletions of accounts and organizations start their grace period again, and the owners of accounts get the email
about it again, because someone may have undone them. Pending removals of lost second factors are canceled.

If the service has already run on the restored database, --at says since when. What people did after that stays, and
running the command again changes nothing. With --keep-passwords, a password that was changed after the backup is the old
one again, and someone who knows it can sign in.

  COMMAND
  COMMAND --at 2026-05-31T12:00:00Z`,
  run: async ({ terminal, options }) => {
    const done = await withOperator(terminal, async (ctx) => {
      const now = ctx.clock();
      const given = timeOf('at', options.at, now);
      if (given !== null && given > now) throw new UsageError('--at must not be in the future.');
      return secureRestoredBackup(ctx, {
        at: given ?? END_OF_TIME,
        keepsPasswords: options['keep-passwords'] === true,
      });
    });
    if (options.json) sayJson(terminal, done);
    else say(terminal, `Nothing from before the restore works anymore.\n\n${tableOf(['ENDED', ''], rowsOf(done))}`);
    return 0;
  },
});

function rowsOf(done: Awaited<ReturnType<typeof secureRestoredBackup>>): string[][] {
  const named: Record<keyof typeof done, string> = {
    sessions: 'sessions',
    devices: 'trusted devices',
    codesAndLinks: 'codes and links',
    invitations: 'invitations',
    passwords: 'passwords',
    legacyPasswords: 'passwords of REST clients',
    recoveryCodes: 'recovery codes',
    signingKeys: 'signing keys',
    emails: 'emails that were waiting',
    postponedDeletions: 'deletions postponed',
    canceledFactorResets: 'removals of lost second factors canceled',
  };
  return Object.entries(done).map(([key, count]) => [named[key as keyof typeof done], String(count)]);
}
