/** What every use case gets: what the app owns, what is known of the caller, and a way to ask who they are. */
import { randomUUID } from 'node:crypto';
import type { Config } from '#config/config.ts';
import type { KeyedQueue } from '#core/limits/keyed-queue.ts';
import type { Outbox } from '#core/mail/outbox.ts';
import type { ActingOrganization } from '#core/organizations/acting-organization.ts';
import type { EqualTime } from '#core/passwords/equal-time.ts';
import type { RefreshCookie } from '#core/sessions/refresh-cookie.ts';
import type { Viewer } from '#core/sessions/viewer.ts';
import type { AccessTokens } from '#core/tokens/access-token.ts';
import type { KeyRing } from '#core/tokens/key-ring.ts';
import type { Captcha } from '#outside/captcha-provider.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';
import type { PasswordHasher } from '#outside/password-hasher.ts';
import type { Secrets } from './secrets.ts';

/** What the app owns; one for the whole process. */
export type Parts = {
  config: Config;
  clock: Clock;
  log: Log;
  database: Database;
  secrets: Secrets;
  keyRing: KeyRing;
  accessTokens: AccessTokens;
  passwordHasher: PasswordHasher;
  equalTime: EqualTime;
  /** Null where no provider is configured. */
  captcha: Captcha | null;
  outbox: Outbox;
  keyedQueue: KeyedQueue;
};

/** What is known of whoever asks, before anything is believed. */
export type Caller = {
  requestId: string;
  /** 16 hex digits by which logs and traces of several services find this request. */
  traceId: string;
  /** Null for what comes over no network. */
  ipAddress: string | null;
  userAgent: string | null;
};

/**
 * How a use case came to run: by a request over the network, by a command of an operator on the machine itself, or by
 * the clock. Chosen by the code that builds the context, never read from a request.
 */
export type Origin = 'request' | 'operator' | 'schedule';

/** What is known of a request when it is over, for its line in the log. Filled in on the way; the first word counts. */
export type Trail = {
  /** What was asked for, in names of ours: `mutation login`, `GET /auth/me`. */
  operation: string | null;
  /** The code of the first failure; null when there was none. */
  code: string | null;
  /** The viewer, or the account that the request was about. */
  userId: string | null;
};

export type Ctx = Parts & {
  origin: Origin;
  /** The database, or the transaction that is under way. */
  db: PrismaDb;
  caller: Caller;
  /** The bearer token as it was sent; null when there is none. */
  bearerToken: string | null;
  /** Where a browser keeps its refresh token; null for whatever is asked otherwise than over GraphQL. */
  refreshCookie: RefreshCookie | null;
  /** Who asks: null for nobody; fails with UnauthenticatedError for a token that is not accepted. Asked once. */
  viewer: () => Promise<Viewer | null>;
  /** The organization header as it was sent; null when there is none or it is empty. Believed by nobody. */
  organizationHeader: string | null;
  /**
   * The organization the request acts in: the header's, or without one the only one the viewer belongs to, else null.
   * Fails with BadRequestError or ForbiddenError for a header that is not accepted. Asked once.
   */
  organization: () => Promise<ActingOrganization | null>;
  trail: Trail;
  /** Tells the trail of a failure, and the audit log where the viewer was denied something. Not in a transaction. */
  noteFailure: (error: unknown) => Promise<void>;
  /** Runs after the commit of the transaction under way; at once when there is none. */
  afterCommit: (action: () => void) => void;
};

/** Runs `work` in one transaction. Nothing slow belongs in it: no hash, no email, no network. */
export async function inTransaction<T>(ctx: Ctx, work: (tx: Ctx) => Promise<T>): Promise<T> {
  const actions: (() => void)[] = [];
  const result = await ctx.database.prisma.$transaction((db) =>
    work({ ...ctx, db, afterCommit: (action) => actions.push(action) }),
  );
  for (const action of actions) action();
  return result;
}

/** What use cases get when nobody sent a request. */
export function contextWithoutRequest(parts: Parts, origin: Exclude<Origin, 'request'>): Ctx {
  const requestId = randomUUID();
  return {
    ...parts,
    origin,
    db: parts.database.prisma,
    caller: { requestId, traceId: requestId.slice(19).replace('-', ''), ipAddress: null, userAgent: null },
    bearerToken: null,
    refreshCookie: null,
    viewer: async () => null,
    organizationHeader: null,
    organization: async () => null,
    trail: { operation: null, code: null, userId: null },
    noteFailure: async () => {},
    afterCommit: (action) => action(),
  };
}
