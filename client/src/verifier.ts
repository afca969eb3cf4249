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
  algorithm?: 'ES256' | 'EdDSA' | 'PS256' | 'RS256';
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
  /** When they last showed who they are; null if the token does not say. */
  authenticatedAt: Date | null;
  /** When they last showed a second factor; null if they have not in this session. */
  secondFactorAt: Date | null;
  expiresAt: Date;
};

/** What an action asks for besides a valid token (RFC 9470). */
export type Requirements = {
  /** `aal2`: the person must have shown a second factor in this session. */
  acr?: 'aal2';
  /** How long ago they may have shown who they are; with `acr`, how long ago the second factor. */
  maxAgeSeconds?: number;
};

/** Why a token is refused. Answer 401 with `challenge` as `WWW-Authenticate` (RFC 6750 section 3). */
export class InvalidTokenError extends Error {
  override readonly name: string = 'InvalidTokenError';
  readonly status = 401;
  readonly code: string = 'UNAUTHENTICATED';
  readonly challenge: string = 'Bearer error="invalid_token"';
}

/**
 * The token is valid and not enough: the person has to show who they are once more (`reauthenticate`), and the client
 * to send the token that this gives. `challenge` says what is asked for (RFC 9470 section 3).
 */
export class InsufficientAuthenticationError extends InvalidTokenError {
  override readonly name = 'InsufficientAuthenticationError';
  override readonly code = 'REAUTHENTICATION_REQUIRED';
  override readonly challenge: string;

  constructor({ acr, maxAgeSeconds }: Requirements) {
    super('Please confirm that it is you.');
    const asked = [acr && `acr_values="${acr}"`, maxAgeSeconds !== undefined && `max_age="${maxAgeSeconds}"`];
    this.challenge = ['Bearer error="insufficient_user_authentication"', ...asked].filter(Boolean).join(', ');
  }
}

export type Verifier = {
  /**
   * Fails with InvalidTokenError, and with InsufficientAuthenticationError, which is one as well, if the token does not
   * meet the requirements; with any other error if the keys cannot be fetched.
   */
  verify: (token: string, requirements?: Requirements) => Promise<Viewer>;
  /**
   * The viewer of an `Authorization` header; null if there is none. Fails like `verify`, also for a header that is not
   * exactly one bearer token: a wrong token is never a request without one. With requirements, a request without one
   * fails as well.
   */
  viewerOf: (authorization: string | null | undefined, requirements?: Requirements) => Promise<Viewer | null>;
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

  async function read(token: string): Promise<Viewer> {
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      const { sub, sid, role, exp, email_verified, org_id, org_role, auth_time, mfa_time } = payload;
      const hasOrganization = typeof org_id === 'string' && typeof org_role === 'string';
      return {
        userId: String(sub),
        sessionId: String(sid),
        role: String(role),
        isVerified: email_verified === true,
        organization: hasOrganization ? { id: org_id, role: org_role } : null,
        authenticatedAt: momentOf(auth_time),
        secondFactorAt: momentOf(mfa_time),
        expiresAt: new Date(Number(exp) * 1000),
      };
    } catch (error) {
      if (isUnreachable(error)) throw error;
      throw new InvalidTokenError('The access token is invalid or has expired.', { cause: error });
    }
  }

  async function verify(token: string, requirements?: Requirements): Promise<Viewer> {
    const viewer = await read(token);
    if (requirements && !meets(viewer, requirements)) throw new InsufficientAuthenticationError(requirements);
    return viewer;
  }

  return {
    verify,
    async viewerOf(authorization, requirements) {
      // Also one that stands behind other credentials: a header that was sent twice arrives joined by a comma.
      if (authorization == null || !/(?:^|,\s*)bearer(?![^\s,])/i.test(authorization)) {
        if (requirements) throw new InvalidTokenError('Please sign in.');
        return null;
      }
      return verify(authorization.replace(/^bearer /i, ''), requirements);
    },
  };
}

function momentOf(claim: unknown): Date | null {
  return typeof claim === 'number' ? new Date(claim * 1000) : null;
}

/** A first factor shown since does not make the second one more recent. */
function meets({ authenticatedAt, secondFactorAt }: Viewer, { acr, maxAgeSeconds = Infinity }: Requirements): boolean {
  const proof = acr === undefined ? authenticatedAt : secondFactorAt;
  return proof !== null && Date.now() - proof.getTime() <= maxAgeSeconds * 1000;
}

/** Not the token's fault: the service that has the keys does not answer, or not with keys. */
function isUnreachable(error: unknown): boolean {
  const { JOSEError, JWKSTimeout, JWKSInvalid } = errors;
  if (!(error instanceof JOSEError) || error instanceof JWKSTimeout || error instanceof JWKSInvalid) return true;
  return error.constructor === JOSEError;
}
