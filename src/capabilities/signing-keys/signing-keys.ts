/**
 * The keys that sign access tokens, for an operator: see them, make the next one before its time, and take one out of
 * use. Services that run on the same database follow within seconds, without a restart.
 *
 * `rotateKeys` is for the calendar: the next key is published first, and nothing is refused. `retireKey` is for the
 * emergency that somebody may have a private key: at once everything it signed is refused, here and, as soon as they
 * fetch the JWKS again, by every other service. Nobody loses a session; clients refresh.
 * Fails with: ForbiddenError for anybody but an operator; OperatorError for a key that there is not.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { addNextKey, dropsAt, type KeyState, keyState, readKeys, removeKey } from '#core/tokens/key-rotation.ts';
import { ForbiddenError } from '#errors.ts';

export type SigningKeyInfo = {
  kid: string;
  algorithm: string;
  state: KeyState;
  createdAt: Date;
  /** Signs from here on. */
  activeAt: Date;
  /** Signs no longer from here on; null when nothing follows it yet. */
  retiredAt: Date | null;
  /** Tokens it signed are accepted until here. */
  dropsAt: Date | null;
};
export type RotateKeysSuccess = { isMade: boolean; keys: SigningKeyInfo[] };
export type RetireKeySuccess = { active: string; keys: SigningKeyInfo[] };

/** Every key of the ring, the newest first. */
export async function listKeys(ctx: Ctx): Promise<SigningKeyInfo[]> {
  requireOperator(ctx);
  const now = ctx.clock();
  return (await readKeys(ctx.db)).reverse().map((key) => ({
    kid: key.id,
    algorithm: key.algorithm,
    state: keyState(key, now),
    createdAt: key.createdAt,
    activeAt: key.activeAt,
    retiredAt: key.retiredAt,
    dropsAt: dropsAt(key, ctx),
  }));
}

/** Makes the next key, unless one is waiting already; gives the ring as it is then. */
export async function rotateKeys(ctx: Ctx): Promise<RotateKeysSuccess> {
  requireOperator(ctx);
  const kid = await addNextKey(ctx, (db) => audit({ ...ctx, db }, 'rotate_keys.completed', null));
  return { isMade: kid !== null, keys: await listKeys(ctx) };
}

/** Takes a key out of use at once; if it was the active one, the next or a new one signs from now on. */
export async function retireKey(ctx: Ctx, input: { kid: string }): Promise<RetireKeySuccess> {
  requireOperator(ctx);
  const active = await removeKey(ctx, input.kid, (db) => audit({ ...ctx, db }, 'retire_key.completed', null));
  return { active, keys: await listKeys(ctx) };
}

function requireOperator(ctx: Ctx): void {
  if (ctx.origin !== 'operator') throw new ForbiddenError();
}
