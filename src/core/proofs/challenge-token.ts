/**
 * The code and the link token of a challenge: HMACs of its id and purpose under derived keys. They are computed when
 * the email is rendered and again when a client presents one, so no row and no dump of the database has them.
 */
import type { Ctx } from '#core/context.ts';
import { uuidFromBytes, uuidToBytes } from '#core/input/uuid.ts';
import { type DerivedKeys, hmac, isMadeWith } from '#core/secrets.ts';
import { sixDigitsOf } from './one-time-code.ts';
import { pastedToken } from './pasted-proof.ts';

/** The six-digit code of a challenge. */
export function challengeCode(secrets: DerivedKeys, challenge: { id: string; purpose: string }): string {
  return sixDigitsOf(hmac(secrets.challengeCode, `${challenge.purpose}:${challenge.id}`));
}

/** The link token of a challenge: its id and 256 bits of HMAC, base64url. */
export function challengeToken(secrets: DerivedKeys, challenge: { id: string; purpose: string }): string {
  const id = uuidToBytes(challenge.id);
  return Buffer.concat([id, hmac(secrets.challengeLink, `${challenge.purpose}:${challenge.id}`)]).toString('base64url');
}

/** The id of the challenge that a token was made for; null if the token is forged or was made for something else. */
export function idOfChallengeToken(ctx: Pick<Ctx, 'secrets'>, purpose: string, pasted: string): string | null {
  const token = pastedToken(pasted);
  const bytes = /^[A-Za-z0-9_-]{64}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(48);
  const id = uuidFromBytes(bytes);
  return isMadeWith(ctx.secrets, (keys) => challengeToken(keys, { id, purpose }), token) ? id : null;
}
