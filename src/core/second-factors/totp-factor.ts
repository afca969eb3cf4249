/** The authenticator apps of a person: which of them a code comes from, and that it counts once. */
import type { Ctx } from '#core/context.ts';
import { typedCode } from '#core/proofs/pasted-proof.ts';
import { unseal } from '#core/sealed-text.ts';
import { acceptedSecrets } from '#core/secrets.ts';
import { acceptedSteps, stepOfCode } from './totp.ts';

/** The app that a code comes from, and the time step it belongs to. */
export type TotpMatch = { kind: 'totp'; factorId: string; step: number; newestStep: number };

/** Null if no app of the person shows this code. Whether it was used already is decided by `stampTotp`. */
export async function matchTotp(ctx: Ctx, userId: string, typed: string): Promise<TotpMatch | null> {
  const code = typedCode(typed);
  const factors = await ctx.db.totpFactor.findMany({ where: { userId, removedAt: null }, orderBy: { id: 'asc' } });
  const keys = acceptedSecrets(ctx.secrets).map(({ totpEncryption }) => totpEncryption);
  let match: TotpMatch | null = null;
  for (const { id, secretJwe, drift } of factors) {
    const secret = await unseal(secretJwe, ...keys);
    const steps = acceptedSteps(ctx.clock(), drift);
    const step = secret === null ? null : stepOfCode(secret, code, steps);
    if (step !== null) match ??= { kind: 'totp', factorId: id, step, newestStep: steps[0] };
  }
  return match;
}

/**
 * Uses up the code and all earlier ones; false if it was used already or the app was removed (RFC 6238 section 5.2:
 * "MUST NOT accept the second attempt"). A last step far in the future dates from a time when the clock of the service
 * was wrong, and must not lock the person out until then. One step ahead does not show that: another replica may have
 * reached the step first. Call it in a transaction.
 */
export async function stampTotp(tx: Ctx, { factorId, step, newestStep }: TotpMatch): Promise<boolean> {
  const { count } = await tx.db.totpFactor.updateMany({
    where: {
      id: factorId,
      removedAt: null,
      OR: [{ lastStep: { lt: BigInt(step) } }, { lastStep: { gt: BigInt(newestStep + 1) } }],
    },
    data: { lastStep: BigInt(step), lastUsedAt: tx.clock() },
  });
  return count === 1;
}
