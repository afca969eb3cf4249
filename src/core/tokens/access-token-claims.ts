/** What an access token of this service says (RFC 9068 section 2.2). */
import type { JWTPayload } from 'jose';
import { validate as isUuid } from 'uuid';
import { type ClaimedProofs, readProofClaims } from './claimed-proofs.ts';

export type AccessTokenClaims = ClaimedProofs & {
  sub: string;
  sid: string;
  /** The generation of the refresh token issued with it (`gen`); null for a token of a version without this claim. */
  generation: number | null;
  role: string;
  /** The claim `aud`: a text, or several. */
  audience: string | readonly string[];
  iat: number;
  exp: number;
  /** The claim `org_id`: the organization it was issued for; null for none. */
  organizationId: string | null;
  /** The claim `refreshable`: whether the token itself may be exchanged for a new one. */
  isRefreshable: boolean;
};

/** Without one of these, a token is refused. */
export const REQUIRED_CLAIMS = ['sub', 'sid', 'exp', 'iat', 'jti', 'role'];

/** The claims of a token whose signature was verified; null if one that is required has another type. */
export function readAccessTokenClaims(payload: JWTPayload): AccessTokenClaims | null {
  const { sub, sid, role, aud: audience, iat, exp, org_id: organizationId, gen: generation } = payload;
  if (typeof sub !== 'string' || typeof sid !== 'string' || !isUuid(sid) || typeof role !== 'string') return null;
  if (audience === undefined || typeof iat !== 'number' || typeof exp !== 'number') return null;
  return {
    sub,
    sid,
    generation: typeof generation === 'number' ? generation : null,
    role,
    audience,
    iat,
    exp,
    ...readProofClaims(payload),
    organizationId: typeof organizationId === 'string' ? organizationId : null,
    isRefreshable: payload['refreshable'] === true,
  };
}
