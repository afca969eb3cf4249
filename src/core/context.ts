/** The context that every use case receives: the parts of the app, what is known about the caller, and who they are. */
import { randomUUID } from 'node:crypto';
import type { Config } from '#config/config.ts';
import { retryConflicts } from '#core/conflict.ts';
import type { BudgetLedger } from '#core/limits/budget-ledger.ts';
import type { KeyedQueue } from '#core/limits/keyed-queue.ts';
import type { Refusals } from '#core/limits/refusals.ts';
import type { Outbox } from '#core/mail/outbox.ts';
import type { MailTemplates } from '#core/mail/templates/mail-templates.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import type { EqualTime } from '#core/passwords/equal-time.ts';
import type { SessionOpener } from '#core/sessions/batches/session-opener.ts';
import type { SessionReader } from '#core/sessions/batches/session-reader.ts';
import type { SessionRotator } from '#core/sessions/batches/session-rotator.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import type { AccountFinder } from '#core/sign-in/account-finder.ts';
import type { AccessTokens } from '#core/tokens/access-token.ts';
import type { AccessTokenClaims } from '#core/tokens/access-token-claims.ts';
import type { KeyRing } from '#core/tokens/key-ring.ts';
import type { Captcha } from '#outside/captcha-provider.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';
import type { BreachedPasswords } from '#outside/passwords/breached-passwords.ts';
import type { PasswordHasher } from '#outside/passwords/password-hasher.ts';
import type { Replica } from '#outside/replicas/replica.ts';
import type { Metrics } from '#outside/telemetry/metrics.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import type { Secrets } from './secrets.ts';

/** The parts that the app owns; one of each per process. */
export type Parts = {
  config: Config;
  clock: Clock;
  log: Log;
  database: Database;
  secrets: Secrets;
  keyRing: KeyRing;
  accessTokens: AccessTokens;
  accountFinder: AccountFinder;
  budgetLedger: BudgetLedger;
  sessionOpener: SessionOpener;
  sessionReader: SessionReader;
  sessionRotator: SessionRotator;
  passwordHasher: PasswordHasher;
  equalTime: EqualTime;
  /** Null when BREACH_CHECK is off. */
  breachedPasswords: BreachedPasswords | null;
  /** Null when no provider is configured. */
  captcha: Captcha | null;
  outbox: Outbox;
  keyedQueue: KeyedQueue;
  refusals: Refusals;
  /** Null if /metrics is not served. */
  metrics: Metrics | null;
  /** Null if no traces are sent. */
  tracing: Tracing | null;
  /** The operator's texts of emails, and every language in which there are emails. */
  templates: MailTemplates;
};

/** What is known about the caller before any credential has been checked. */
export type Caller = {
  requestId: string;
  /** 16 hex digits that identify this request in the logs and traces of several services. */
  traceId: string;
  /** Null when the call did not come over the network. */
  ipAddress: string | null;
  userAgent: string | null;
  /** The languages they prefer, as Accept-Language says (RFC 9110 section 12.5.4). */
  acceptLanguage: string | null;
};

/**
 * What started the use case: a request over the network, a command of an operator on the machine itself, or a schedule.
 * Set by the code that builds the context, never read from a request.
 */
export type Origin = 'request' | 'operator' | 'schedule';

/** Who is signed in, and the session they act in. */
export type Viewer = SessionWithUser;

/**
 * The refresh token of a browser, in a cookie that no script can read, and what use cases may do with it.
 * src/http/refresh-cookie.ts defines how the cookie is made and which requests may use it.
 */
export type RefreshCookie = {
  /** Fails with CsrfError unless the request comes from a trusted page or from a client that is not a browser. */
  requireOwnPage: () => void;
  /** The token the browser sent; null when there is none. Fails with CsrfError. */
  read: () => string | null;
  /** Has the browser keep the token until `until`. */
  keep: (refreshToken: string, until: Date) => void;
  /** Has the browser delete the token, if it sent one. */
  forget: () => void;
};

/** The token of a known device, in a cookie that no script can read. Ask `RefreshCookie.requireOwnPage` first. */
export type DeviceCookie = {
  /** Null when there is none. */
  read: () => string | null;
  /** Has the browser keep the token until `until`. */
  keep: (token: string, until: Date) => void;
};

/** What is known about a request when it ends, for its log line. Filled in along the way; the first value wins. */
export type Trail = {
  /** What was requested, in names of the service, never the client's: `mutation login`, `GET /auth/me`. */
  operation: string | null;
  /** The code of the first failure; null when there was none. */
  code: string | null;
  /** The viewer, or else the account that the request was about. */
  userId: string | null;
  /** Whether the request may have changed something: a GET then is not a read, and nothing is read late any more. */
  hasChanged: boolean;
};

/** What a use case gets with each call. */
export type Ctx = Parts & {
  origin: Origin;
  /** The database, or the current transaction. */
  db: PrismaDb;
  /** The standby for `readLate`; null if reads have to be up to date. Chosen once. */
  replica: () => Promise<Replica | null>;
  caller: Caller;
  /** The bearer token as it was sent, whatever it is; null when there is none. */
  bearerToken: string | null;
  /**
   * What the bearer token says; null when there is none. Fails with UnauthenticatedError for anything but a valid
   * access token. Verified once.
   */
  claims: () => Promise<AccessTokenClaims | null>;
  /** Where a browser keeps its refresh token; null for calls that do not come over GraphQL. */
  refreshCookie: RefreshCookie | null;
  /** Where a browser keeps the token of a known device; null as `refreshCookie`. */
  deviceCookie: DeviceCookie | null;
  /** The signed-in user, null for none. Fails with UnauthenticatedError for a rejected token. Looked up once. */
  viewer: () => Promise<Viewer | null>;
  /** The organization header as it was sent, unverified; null when it is missing or empty. Use `organization()`. */
  organizationHeader: string | null;
  /**
   * The organization the request acts in: the one in the header, or without a header the only one the viewer belongs
   * to, else null. Fails with InvalidOrganizationHeaderError or ForbiddenError for a header that is rejected. Looked up
   * once.
   */
  organization: () => Promise<ActingOrganization | null>;
  trail: Trail;
  /** Adds a failure to the trail, and to the audit log if the viewer was denied something. Not in a transaction. */
  noteFailure: (error: unknown) => Promise<void>;
  /** Runs `action` after the current transaction has committed, or immediately when there is none. */
  afterCommit: (action: () => void) => void;
};

/**
 * Runs `work` in one transaction. Nothing slow belongs in it: no hashing, no email, no network. After a deadlock or a
 * serialization failure it runs again from the beginning, so it changes nothing but what a rollback undoes.
 */
export async function inTransaction<T>(ctx: Ctx, work: (tx: Ctx) => Promise<T>): Promise<T> {
  return committed(await retryConflicts(() => attempt(ctx, (run) => ctx.database.prisma.$transaction(run), work)));
}

/** Like `inTransaction`, for an operator's work on the whole database: without the time limits of requests. */
export async function inLongTransaction<T>(ctx: Ctx, work: (tx: Ctx) => Promise<T>): Promise<T> {
  return committed(await attempt(ctx, (run) => ctx.database.longTransaction(run), work));
}

type Committed<T> = { result: T; actions: readonly (() => void)[] };

async function attempt<T>(
  ctx: Ctx,
  transaction: (run: (db: PrismaDb) => Promise<T>) => Promise<T>,
  work: (tx: Ctx) => Promise<T>,
): Promise<Committed<T>> {
  const actions: (() => void)[] = [];
  const result = await transaction((db) =>
    work({ ...ctx, db, replica: async () => null, afterCommit: (action) => actions.push(action) }),
  );
  return { result, actions };
}

function committed<T>({ result, actions }: Committed<T>): T {
  for (const action of actions) action();
  return result;
}

/** The trace of a request that continues none: the right half of its own id. */
export function traceIdOf(requestId: string): string {
  return requestId.slice(19).replace('-', '');
}

/** The context of a use case that no request started. */
export function contextWithoutRequest(parts: Parts, origin: Exclude<Origin, 'request'>): Ctx {
  const requestId = randomUUID();
  return {
    ...parts,
    origin,
    db: parts.database.prisma,
    replica: async () => null,
    caller: { requestId, traceId: traceIdOf(requestId), ipAddress: null, userAgent: null, acceptLanguage: null },
    bearerToken: null,
    claims: async () => null,
    refreshCookie: null,
    deviceCookie: null,
    viewer: async () => null,
    organizationHeader: null,
    organization: async () => null,
    trail: { operation: null, code: null, userId: null, hasChanged: false },
    noteFailure: async () => {},
    afterCommit: (action) => action(),
  };
}
