/** For servers: who sends a request, from the access token that Latchkey signed. */
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

export type VerifierOptions = {
  /** PUBLIC_URL of Latchkey. */
  issuer: string;
  /** What the tokens are for. By default the issuer. */
  audience?: string;
  /** Where this server finds the keys. By default below the issuer. */
  jwksUrl?: string;
  /** The algorithm, JWT_ALG of Latchkey. By default ES256. */
  algorithm?: 'ES256' | 'EdDSA' | 'RS256';
};

/** Someone who is signed in, as their token says. It holds until the token expires; introspection knows more. */
export type Viewer = {
  userId: string;
  sessionId: string;
  /** The platform role. */
  role: string;
  isVerified: boolean;
  /** The organization that the token is for, and the role of its holder there. */
  organization: { id: string; role: string } | null;
  expiresAt: Date;
};

/** Why a token is refused. Answer 401 with `challenge` as `WWW-Authenticate` (RFC 6750 section 3). */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
  readonly status = 401;
  readonly challenge = 'Bearer error="invalid_token"';
}

export type Verifier = {
  /** Fails with InvalidTokenError; with any other error if the keys cannot be fetched. */
  verify: (token: string) => Promise<Viewer>;
  /**
   * The viewer of an `Authorization` header; null if there is none. Fails like `verify`, also for a header that is not
   * exactly one bearer token: a wrong token is never a request without one.
   */
  viewerOf: (authorization: string | null | undefined) => Promise<Viewer | null>;
};

/**
 * Make one for the whole process: it keeps the keys. An unknown key is looked up again at most every 30 seconds, so the
 * keys of Latchkey can rotate.
 */
export function createVerifier({
  issuer,
  audience = issuer,
  algorithm = 'ES256',
  ...options
}: VerifierOptions): Verifier {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`));
  const rules = {
    issuer,
    audience,
    typ: 'at+jwt',
    algorithms: [algorithm],
    requiredClaims: ['sub', 'sid', 'exp', 'iat', 'role'],
  };

  async function verify(token: string): Promise<Viewer> {
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      const { sub, sid, role, exp, email_verified, org_id, org_role } = payload;
      const hasOrganization = typeof org_id === 'string' && typeof org_role === 'string';
      return {
        userId: String(sub),
        sessionId: String(sid),
        role: String(role),
        isVerified: email_verified === true,
        organization: hasOrganization ? { id: org_id, role: org_role } : null,
        expiresAt: new Date(Number(exp) * 1000),
      };
    } catch (error) {
      if (isUnreachable(error)) throw error;
      throw new InvalidTokenError('The access token is invalid or has expired.', { cause: error });
    }
  }

  return {
    verify,
    async viewerOf(authorization) {
      // Also one that stands behind other credentials: a header that was sent twice arrives joined by a comma.
      if (authorization == null || !/(?:^|,\s*)bearer(?![^\s,])/i.test(authorization)) return null;
      return verify(authorization.replace(/^bearer /i, ''));
    },
  };
}

/** Not the token's fault: the service that has the keys does not answer, or not with keys. */
function isUnreachable(error: unknown): boolean {
  const { JOSEError, JWKSTimeout, JWKSInvalid } = errors;
  if (!(error instanceof JOSEError) || error instanceof JWKSTimeout || error instanceof JWKSInvalid) return true;
  return error.constructor === JOSEError;
}
