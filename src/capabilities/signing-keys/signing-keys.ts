/**
 * The keys that sign access tokens, for an operator: list them, create the next one early, and retire one. Replicas on
 * the same database follow within seconds, without a restart.
 *
 * `rotateKeys` is for planned rotations: the next key is published first, and no token becomes invalid. `retireKey` is
 * for emergencies in which someone may have a private key: everything it signed is refused immediately, here and, as
 * soon as they fetch the JWKS again, by all other services. Nobody loses a session; clients refresh.
 * Fails with: ForbiddenError for anyone but an operator, OperatorError for an unknown key.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { addNextKey, dropsAt, type KeyState, keyState, readKeys, removeKey } from '#core/tokens/key-rotation.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

export type SigningKeyInfo = {
  kid: string;
  algorithm: string;
  state: KeyState;
  createdAt: Date;
  /** When it starts signing. */
  activeAt: Date;
  /** When it stops signing; null if it has no successor yet. */
  retiredAt: Date | null;
  /** Until when the tokens that it signed are accepted. */
  dropsAt: Date | null;
};
export type RotateKeysSuccess = { isMade: boolean; keys: SigningKeyInfo[] };
export type RetireKeySuccess = { active: string; keys: SigningKeyInfo[] };

/** Every key of the ring, newest first. */
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

/** Creates the next key unless there is one already. Returns the resulting ring. */
export async function rotateKeys(ctx: Ctx): Promise<RotateKeysSuccess> {
  requireOperator(ctx);
  const kid = await addNextKey(ctx, (db) => audit({ ...ctx, db }, 'rotate_keys.completed', null));
  return { isMade: kid !== null, keys: await listKeys(ctx) };
}

/** Retires a key immediately. If it was the active one, the next or a new one signs from now on. */
export async function retireKey(ctx: Ctx, input: { kid: string }): Promise<RetireKeySuccess> {
  requireOperator(ctx);
  const active = await removeKey(ctx, input.kid, (db) => audit({ ...ctx, db }, 'retire_key.completed', null));
  return { active, keys: await listKeys(ctx) };
}

function requireOperator(ctx: Ctx): void {
  if (ctx.origin !== 'operator') throw new ForbiddenError();
}
