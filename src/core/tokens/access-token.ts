/**
 * Access tokens: short-lived JWTs according to RFC 9068 (`typ: at+jwt`), without email address, phone number, or name,
 * unless TOKEN_CLAIMS declares one. Verified according to RFC 8725: one algorithm per key, and checks of issuer,
 * audience, type, and required claims. Whatever TOKEN_AUDIENCE adds, only tokens for PUBLIC_URL are accepted here.
 */
import { hash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Config } from '#config/config.ts';
import type { Service } from '#config/tokens/token-settings.ts';
import { fromNumericDate, numericDate } from '#core/time.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';
import type { Session, User } from '#generated/prisma/client.ts';
import type { Clock } from '#outside/clock.ts';
import { type AccessTokenClaims, REQUIRED_CLAIMS, readAccessTokenClaims } from './access-token-claims.ts';
import { amrOfSession, assuranceOf } from './authentication-claims.ts';
import { proofClaims } from './claimed-proofs.ts';
import { type ClaimHolder, declaredClaims, type TokenOrganization } from './declared-claims.ts';
import type { KeyRing } from './key-ring.ts';
import { readJwt } from './read-jwt.ts';
import { signJwt } from './sign-jwt.ts';

/** A signed token, and when it expires. */
export type AccessToken = { token: string; expiresAt: Date };

/** What can be chosen for an access token. */
export type AccessTokenOptions = {
  /** Defaults to ACCESS_TOKEN_TTL. */
  accessTokenTtlSeconds?: number;
  /** One service of SERVICES: the token then opens nothing else, Latchkey included. */
  audience?: string;
  /** The organization the token is for, and the role of its holder there: claims `org_id` and `org_role`. */
  acting?: TokenOrganization | null;
  /**
   * Whether the token itself may be exchanged for a new one before it expires (claim `refreshable`), for APIs without
   * refresh tokens. Other tokens may not, or a stolen one would be of use for more than a few minutes.
   */
  isRefreshable?: boolean;
};

const TYPE = 'at+jwt';
/**
 * The client that a token was issued to, which RFC 9068 section 2.2 requires: the operator's own apps, which are one
 * client, because none is registered here.
 */
export const CLIENT_ID = 'latchkey';
/**
 * The memory for the claims of verified tokens, by digest: a signature check costs more than everything else in a `me`
 * query. Enough for the tokens of 100,000 people; the least recently used are dropped.
 */
const CACHE_BYTES = 60_000_000;
/** Memory of the claims of one token with everything around them, measured and rounded up. */
const BYTES_A_TOKEN = 400;

type TokenParts = {
  config: Pick<Config, 'publicUrl' | 'accessTokenTtlSeconds' | 'tokenAudience' | 'tokenClaims'>;
  keyRing: KeyRing;
  clock: Clock;
};
type Holder = ClaimHolder['user'] & Pick<User, 'emailVerifiedAt'>;
/** The session, what has been verified in it, and the generation of its refresh token (claims `sid` and `gen`). */
type TokenSession = Pick<Session, 'id' | 'authenticatedAt' | 'secondFactorAt' | 'amr' | 'method'> & {
  generation: number | null;
};

type VerifyOptions = { evenExpired?: boolean; audience?: string[] };

/** A token that a service presents, and whether it opens this service (and not only that one). */
export type PresentedToken = AccessTokenClaims & { isOwn: boolean };

export type AccessTokens = {
  /** Issues a token for a session of this user, signed with the current key of the key ring. */
  issue: (user: Holder, session: TokenSession, options?: AccessTokenOptions) => AccessToken;
  /** The claims of a token that this service issued and that has not expired. Fails with UnauthenticatedError. */
  read: (token: string) => Promise<AccessTokenClaims>;
  /**
   * The claims of a token that someone else was given: one for this service itself or, if a service is named, one for
   * that service of SERVICES, which opens nothing here. Null for any other token.
   */
  readPresented: (
    token: string,
    service: Service | undefined,
    options?: { evenExpired?: boolean },
  ) => Promise<PresentedToken | null>;
  /** The session of a token, even if the token has expired; null if this service did not issue it. */
  sessionIdOf: (token: string) => Promise<string | null>;
};

export function createAccessTokens(parts: TokenParts): AccessTokens {
  const ownAudience = audienceOf(parts.config);
  const verified = new LRUCache<string, AccessTokenClaims & { kid: string }>({
    maxSize: CACHE_BYTES,
    sizeCalculation: () => BYTES_A_TOKEN,
  });

  async function verify(
    token: string,
    { evenExpired = false, audience = [parts.config.publicUrl] }: VerifyOptions = {},
  ): Promise<AccessTokenClaims & { kid: string }> {
    let kid = '';
    const keyFor = async (named: string) => {
      const key = await parts.keyRing.verifier(named);
      kid = key?.kid ?? '';
      return key;
    };
    const payload = await readJwt(token, keyFor, {
      type: TYPE,
      issuer: parts.config.publicUrl,
      audience,
      requiredClaims: REQUIRED_CLAIMS,
      now: parts.clock(),
      evenExpired,
    });
    if (payload === 'expired') throw new UnauthenticatedError('TOKEN_EXPIRED');
    if (payload === 'invalid') throw new UnauthenticatedError('TOKEN_INVALID');
    const claims = readAccessTokenClaims(payload);
    if (claims === null) throw new UnauthenticatedError('TOKEN_INVALID');
    // Not another copy of the audience for each token that is remembered.
    return {
      ...claims,
      audience: isDeepStrictEqual(claims.audience, ownAudience) ? ownAudience : claims.audience,
      kid,
    };
  }

  function isOwn({ audience }: AccessTokenClaims): boolean {
    return [audience].flat().includes(parts.config.publicUrl);
  }

  /** Remembers only what opens this service: `read` accepts whatever is remembered. */
  async function read(token: string, audience?: string[]): Promise<AccessTokenClaims> {
    const now = parts.clock();
    const digest = hash('sha256', token, 'binary');
    const known = verified.get(digest);
    if (known !== undefined) {
      const isExpired = fromNumericDate(known.exp) <= now;
      if (!isExpired && (await parts.keyRing.verifier(known.kid)) !== null) return known;
      verified.delete(digest);
      // The token has expired, or its key was removed from the ring, which invalidates everything it signed.
      throw new UnauthenticatedError(isExpired ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID');
    }
    const claims = await verify(token, { ...(audience && { audience }) });
    if (isOwn(claims)) verified.set(digest, claims);
    return claims;
  }

  return {
    issue: (user, session, options = {}) => issue(parts, user, session, options),
    read: (token) => read(token),
    readPresented: async (token, service, { evenExpired = false } = {}) => {
      // One check of the signature for both audiences.
      const audience = [parts.config.publicUrl, ...(service === undefined ? [] : [service.audience])];
      const reading = evenExpired ? verify(token, { audience, evenExpired }) : read(token, audience);
      const claims = await reading.catch(nullIfRefused);
      return claims && { ...claims, isOwn: isOwn(claims) };
    },
    sessionIdOf: async (token) => {
      const claims = await verify(token, { evenExpired: true }).catch(nullIfRefused);
      return claims?.sid ?? null;
    },
  };
}

/** Any other error, such as a database that does not respond, does not make the token invalid. */
function nullIfRefused(error: unknown): null {
  if (error instanceof UnauthenticatedError) return null;
  throw error;
}

/** The claim `aud` of every token that is not for one service of SERVICES. */
function audienceOf({ publicUrl, tokenAudience }: TokenParts['config']): string | readonly string[] {
  return tokenAudience.length === 1 ? publicUrl : tokenAudience;
}

function issue(parts: TokenParts, user: Holder, session: TokenSession, options: AccessTokenOptions): AccessToken {
  const { kid, algorithm, key } = parts.keyRing.signer();
  const { publicUrl, tokenClaims } = parts.config;
  const { acting = null } = options;
  const iat = numericDate(parts.clock());
  const exp = iat + (options.accessTokenTtlSeconds ?? parts.config.accessTokenTtlSeconds);
  const claims = {
    iss: publicUrl,
    aud: options.audience ?? audienceOf(parts.config),
    client_id: CLIENT_ID,
    sub: user.id,
    iat,
    exp,
    jti: randomUUID(),
    sid: session.id,
    ...(session.generation !== null && { gen: session.generation }),
    role: user.role,
    email_verified: user.emailVerifiedAt !== null,
    // When and how the person authenticated, for services that ask for it (RFC 9068 section 2.2.1, RFC 9470).
    ...proofClaims(session),
    acr: assuranceOf(session),
    amr: amrOfSession(session),
    ...(acting && { org_id: acting.organization.id, org_role: acting.role }),
    ...(options.isRefreshable && { refreshable: true }),
    ...(tokenClaims && declaredClaims(tokenClaims, { user, session, acting })),
  };
  const token = signJwt({ alg: algorithm, kid, typ: TYPE }, claims, key);
  return { token, expiresAt: fromNumericDate(exp) };
}
