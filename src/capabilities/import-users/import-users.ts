/**
 * Import users from another system, a few hundred at a time. Each gets an account like one that was registered here and
 * keeps their password; its hash is renewed the next time they sign in.
 *
 * All records of one call are written in one transaction. Addresses that already have an account are skipped and
 * counted, so an interrupted import can simply be run again. Users whose address the other system has verified get an
 * organization of their own, as after a verification here; all others must verify it. No emails are sent. For
 * operators.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { auditEach } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { ownOrganizationOf } from '#core/organizations/first-organization.ts';
import { isUniqueViolation } from '#core/unique-violation.ts';
import type { FieldErrorCode } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { type ImportFields, readImportedUser } from './imported-user.ts';

export type ImportRecord = { line: number; fields: ImportFields };
export type ImportProblem = { line: number; field: string; code: FieldErrorCode; message: string };
export type ImportUsersInput = {
  records: readonly ImportRecord[];
  /** Reports what would happen and writes nothing. */
  isTrial: boolean;
};
export type ImportUsersSuccess = { imported: number; skipped: number; problems: readonly ImportProblem[] };

type Candidate = { line: number; user: User };

/** How often to retry when concurrent registrations take the same identifiers. */
const ATTEMPTS = 3;

export async function importUsers(ctx: Ctx, { records, isTrial }: ImportUsersInput): Promise<ImportUsersSuccess> {
  await requireRecentAdministrator(ctx);
  const problems: ImportProblem[] = [];
  const candidates: Candidate[] = [];
  for (const { line, fields } of records) {
    const read = readImportedUser(ctx, fields);
    if ('user' in read) candidates.push({ line, user: read.user });
    else
      problems.push(
        ...read.problems.map(({ path, code, message }) => ({ line, field: path.join('.'), code, message })),
      );
  }
  const outcome = await admitAgain(ctx, candidates, isTrial);
  return { ...outcome, problems: [...problems, ...outcome.problems].sort((a, b) => a.line - b.line) };
}

/** If someone registers an identifier between the check and the write, everything is rolled back and checked again. */
async function admitAgain(ctx: Ctx, candidates: readonly Candidate[], isTrial: boolean): Promise<ImportUsersSuccess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(ctx, (tx) => admit(tx, candidates, isTrial));
    } catch (error) {
      if (!isUniqueViolation(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function admit(tx: Ctx, candidates: readonly Candidate[], isTrial: boolean): Promise<ImportUsersSuccess> {
  const existing = await findHolders(tx, candidates);
  const addresses = new Set(existing.map(({ email }) => email));
  const news = candidates.filter(({ user }) => !addresses.has(user.email));
  const { free, problems } = refuseTaken(news, existing);
  if (!isTrial) await write(tx, free);
  return { imported: free.length, skipped: candidates.length - news.length, problems };
}

type Holder = Pick<User, 'id' | 'email' | 'username' | 'phone'>;

function findHolders(tx: Ctx, candidates: readonly Candidate[]): Promise<Holder[]> {
  const all = <T>(pick: (user: User) => T | null) =>
    candidates.map(({ user }) => pick(user)).filter((it) => it !== null);
  return tx.db.user.findMany({
    where: {
      OR: [
        { email: { in: all(({ email }) => email) } },
        { id: { in: all(({ id }) => id) } },
        { username: { in: all(({ username }) => username) } },
        { phone: { in: all(({ phone }) => phone) } },
      ],
    },
    select: { id: true, email: true, username: true, phone: true },
  });
}

const UNIQUE_FIELDS = ['id', 'email', 'username', 'phone'] as const;

/** An identifier belongs to the account that has it, or else to the first record that contains it. */
function refuseTaken(candidates: readonly Candidate[], existing: readonly Holder[]) {
  const taken = new Set(existing.flatMap((holder) => UNIQUE_FIELDS.map((field) => `${field} ${holder[field]}`)));
  const problems: ImportProblem[] = [];
  const free: User[] = [];
  for (const { line, user } of candidates) {
    const given = UNIQUE_FIELDS.filter((field) => user[field] !== null);
    const clashes = given.filter((field) => taken.has(`${field} ${user[field]}`));
    for (const field of clashes) {
      problems.push({
        line,
        field,
        code: 'ALREADY_TAKEN',
        message: 'This value is taken by another account or an earlier record.',
      });
    }
    if (clashes.length > 0) continue;
    for (const field of given) taken.add(`${field} ${user[field]}`);
    free.push(user);
  }
  return { free, problems };
}

async function write(tx: Ctx, users: readonly User[]): Promise<void> {
  const organizations = new Map(
    users
      .filter(({ emailVerifiedAt }) => emailVerifiedAt !== null)
      .map((it) => [it.id, ownOrganizationOf(it, tx.clock())]),
  );
  const rows = [...organizations.values()];
  await tx.db.organization.createMany({ data: rows.map(({ organization }) => organization) });
  await tx.db.user.createMany({
    data: users.map((user) => ({ ...user, tenantId: organizations.get(user.id)?.organization.id ?? null })),
  });
  await tx.db.membership.createMany({ data: rows.map(({ membership }) => membership) });
  await tx.db.project.createMany({ data: rows.map(({ project }) => project) });
  await auditEach(
    tx,
    'import_user.completed',
    users.map(({ id }) => id),
  );
}
