/**
 * Refresh tokens: JWTs (HS256, `typ: refresh+jwt`) that contain only the session id, the generation, and which proofs
 * they may claim. A token is a pure function of these, so none is stored, and the current one can be made again.
 *
 * Rotation and replay detection follow RFC 9700 section 4.14.2: a token of the current generation advances the session.
 * A token of the previous generation gets the same successor within REFRESH_GRACE of the rotation (parallel tabs, lost
 * responses). Anything older is a replay and ends the session.
 */
import { validate as isUuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { type ClaimedProofs, proofClaims, readProofClaims } from '#core/tokens/claimed-proofs.ts';
import { readSecretJwt } from '#core/tokens/secret-jwt.ts';
import { signJwt } from '#core/tokens/sign-jwt.ts';
import type { Session } from '#generated/prisma/client.ts';

const TYPE = 'refresh+jwt';

type Refreshable = Pick<Session, 'id' | 'generation' | 'authenticatedAt' | 'secondFactorAt'>;

/** The current refresh token of a session; always the same for the same generation and the same proofs. */
export function refreshTokenOf(ctx: Pick<Ctx, 'secrets'>, session: Refreshable): string {
  const claims = { sid: session.id, gen: session.generation, ...proofClaims(session) };
  return signJwt({ alg: 'HS256', typ: TYPE }, claims, ctx.secrets.refreshToken);
}

/** What a refresh token says. Only the database knows whether it is the current one. */
export type PresentedRefreshToken = { sessionId: string; generation: number } & ClaimedProofs;

/** The content of a refresh token, or null if this service did not issue it. */
export function readRefreshToken(ctx: Pick<Ctx, 'secrets' | 'clock'>, token: string): PresentedRefreshToken | null {
  const claims = readSecretJwt(ctx, token, { type: TYPE, now: ctx.clock(), requiredClaims: ['sid', 'gen'] });
  const { sid, gen } = claims ?? {};
  if (claims === null || typeof sid !== 'string' || !isUuid(sid) || !isGeneration(gen)) return null;
  return { sessionId: sid, generation: gen, ...readProofClaims(claims) };
}

/** Whether the column can hold it. */
function isGeneration(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
