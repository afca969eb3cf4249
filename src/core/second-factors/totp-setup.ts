/**
 * A setup of an authenticator app between its two steps. The secret is stored nowhere until the person has shown that
 * their app has it: the client keeps it, encrypted, and bound to the account and session that began.
 */
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Ctx, Viewer } from '#core/context.ts';
import { typedCode } from '#core/proofs/pasted-proof.ts';
import { seal, unseal } from '#core/sealed-text.ts';
import { acceptedSecrets } from '#core/secrets.ts';
import { minutesAfter } from '#core/time.ts';
import { newRecoverySeed } from './recovery-code.ts';
import { acceptedSteps, newTotpSecret, stepOfCode } from './totp.ts';

/** The id becomes that of the factor, so a setup is confirmed once. The seed is that of the recovery codes. */
export type TotpSetup = { id: string; secret: string; recoverySeed: string; expiresAt: Date };

const SETUP_MINUTES = 10;
const SEALED = z.object({
  id: z.uuid(),
  secret: z.string(),
  recoverySeed: z.string(),
  userId: z.uuid(),
  sessionId: z.uuid(),
  expiresAt: z.int(),
});

/** A new setup, and the token with which the client continues it. */
export async function beginTotpSetup(ctx: Ctx, { user, session }: Viewer): Promise<TotpSetup & { setupToken: string }> {
  const expiresAt = minutesAfter(ctx.clock(), SETUP_MINUTES);
  const setup = { id: uuid(), secret: newTotpSecret(), recoverySeed: newRecoverySeed(), expiresAt };
  const sealed = { ...setup, userId: user.id, sessionId: session.id, expiresAt: setup.expiresAt.getTime() };
  return { ...setup, setupToken: await seal(JSON.stringify(sealed), ctx.secrets.totpSetup) };
}

/** Null for a token that is forged, expired, from another version, or of another account or session. */
export async function openTotpSetup(
  ctx: Ctx,
  { user, session }: Viewer,
  setupToken: string,
): Promise<TotpSetup | null> {
  const text = await unseal(setupToken, ...acceptedSecrets(ctx.secrets).map(({ totpSetup }) => totpSetup));
  const setup = text === null ? undefined : SEALED.safeParse(JSON.parse(text)).data;
  if (setup === undefined || setup.userId !== user.id || setup.sessionId !== session.id) return null;
  const { id, secret, recoverySeed } = setup;
  const expiresAt = new Date(setup.expiresAt);
  return expiresAt > ctx.clock() ? { id, secret, recoverySeed, expiresAt } : null;
}

/**
 * The step of the first code, and whether the clock of the app is a step ahead, which is remembered. Null for a wrong
 * code. The secret is in the hands of the person already, so three steps give nobody a guess here.
 */
export function confirmedStep(ctx: Ctx, { secret }: TotpSetup, typed: string): { step: number; drift: number } | null {
  const [current, previous] = acceptedSteps(ctx.clock(), 0);
  const step = stepOfCode(secret, typedCode(typed), [current, previous, current + 1]);
  return step === null ? null : { step, drift: Math.max(0, step - current) };
}
