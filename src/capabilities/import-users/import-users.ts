/**
 * Import users from another system, a few hundred at a time. Each gets an account like one that was registered here and
 * keeps their password; a weak hash is wrapped in ours, and every hash is renewed the next time they sign in.
 *
 * All records of one call are written in one transaction. Addresses that already have an account are skipped and
 * counted, so an interrupted import can simply be run again. Unverified registrations of these addresses make way.
 * Users whose address the other system has verified get an organization of their own, as after a verification here; all
 * others must verify it. No emails are sent. For operators.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { findTakenIdentifiers, lockIdentifiers, takeFromRegistrations } from '#core/accounts/identifier-claim.ts';
import { REPLACEABLE_REGISTRATION } from '#core/accounts/registration.ts';
import { supersedeRegistrations } from '#core/accounts/superseded-registration.ts';
import { auditEach } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { storedAddress } from '#core/input/email-address.ts';
import { ownOrganizationOf } from '#core/organizations/first-organization.ts';
import { wrapWeakHashes } from '#core/passwords/weak-hashes.ts';
import { isUniqueViolation } from '#core/unique-violation.ts';
import { isConflict } from '#errors/database-error.ts';
import type { FieldErrorCode } from '#errors/error-codes.ts';
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

/** How often to try when others change the same rows at the same time. */
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
  // Looked up before as well: hashing for accounts that are there already would make a second run as slow as the first.
  const addresses = await findTakenAddresses(ctx, candidates);
  const news = candidates.filter(({ user }) => !addresses.has(user.email));
  const outcome = await admitAgain(ctx, isTrial ? news : await wrapWeakHashes(ctx, news), isTrial);
  const skipped = candidates.length - news.length + outcome.skipped;
  return { ...outcome, skipped, problems: [...problems, ...outcome.problems].sort((a, b) => a.line - b.line) };
}

/**
 * If someone registers an identifier between the check and the write, or another transaction is in the way, everything
 * is rolled back and checked again.
 */
async function admitAgain(ctx: Ctx, candidates: readonly Candidate[], isTrial: boolean): Promise<ImportUsersSuccess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(ctx, (tx) => admit(tx, candidates, isTrial));
    } catch (error) {
      if (attempt === ATTEMPTS || !(isUniqueViolation(error) || isConflict(error))) throw error;
    }
  }
}

async function admit(tx: Ctx, candidates: readonly Candidate[], isTrial: boolean): Promise<ImportUsersSuccess> {
  const identifiers = candidates.flatMap(({ user }) => [user.username, user.phone]);
  if (!isTrial) await lockIdentifiers(tx, identifiers);
  const addresses = await findTakenAddresses(tx, candidates);
  const news = candidates.filter(({ user }) => !addresses.has(user.email));
  const taken = await findTaken(tx, news, identifiers);
  const { free, problems } = refuseTaken(news, taken);
  if (!isTrial) await write(tx, free);
  return { imported: free.length, skipped: candidates.length - news.length, problems };
}

/** The addresses that have an account. An unverified registration does not count: it makes way. */
async function findTakenAddresses(tx: Ctx, candidates: readonly Candidate[]): Promise<Set<string>> {
  const emails = candidates.map(({ user }) => user.email);
  const found = await tx.db.user.findMany({
    where: { email: { in: emails }, NOT: REPLACEABLE_REGISTRATION },
    select: { email: true },
  });
  return new Set(found.map(({ email }) => email));
}

/** Ids, usernames, and phone numbers of other accounts. None of them looks like another kind. */
async function findTaken(
  tx: Ctx,
  candidates: readonly Candidate[],
  identifiers: readonly (string | null)[],
): Promise<Set<string>> {
  const where = { id: { in: candidates.map(({ user }) => user.id) } };
  const accounts = await tx.db.user.findMany({ where, select: { id: true } });
  return new Set([...accounts.map(({ id }) => id), ...(await findTakenIdentifiers(tx, identifiers, null))]);
}

const UNIQUE_FIELDS = ['id', 'email', 'username', 'phone'] as const;

/** An identifier belongs to the account that has it, or else to the first record that contains it. */
function refuseTaken(candidates: readonly Candidate[], existing: ReadonlySet<string>) {
  const taken = new Set<string | null>(existing);
  const problems: ImportProblem[] = [];
  const free: User[] = [];
  for (const { line, user } of candidates) {
    const given = UNIQUE_FIELDS.filter((field) => user[field] !== null);
    const clashes = given.filter((field) => taken.has(user[field]));
    for (const field of clashes) {
      problems.push({
        line,
        field,
        code: 'ALREADY_TAKEN',
        message: 'This value is taken by another account or an earlier record.',
      });
    }
    if (clashes.length > 0) continue;
    for (const field of given) taken.add(user[field]);
    free.push(user);
  }
  return { free, problems };
}

async function write(tx: Ctx, users: readonly User[]): Promise<void> {
  await supersedeRegistrations(
    tx,
    users.map(({ email }) => storedAddress(email)),
    {},
  );
  await takeFromRegistrations(tx, users);
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
