/** Another proof of identity within a session: it becomes more recent or stronger, and gets a new access token. */
import type { Ctx, Viewer } from '#core/context.ts';
import { amrOfSession, type SessionFactor, withAmr } from '#core/tokens/authentication-claims.ts';

/** What the client goes on with: earlier tokens of the session do not gain from the proof. */
export type RaisedSession = {
  /** When the proof was given. */
  authenticatedAt: Date;
  accessToken: string;
  expiresAt: Date;
  /** In seconds. */
  expiresIn: number;
};

/** The generation of the token that was presented, for `raiseSession`. Not in a transaction: it may look up a key. */
export async function presentedGeneration(ctx: Ctx): Promise<number | null> {
  return (await ctx.accessTokens.read(ctx.bearerToken ?? '')).generation;
}

/**
 * Records what was verified, and issues the token that says so. Call it in a transaction that holds the viewer.
 * @param proof.amr what it adds to the claim `amr`
 * @param proof.generation of the presented token: the proof says nothing about whether a newer one has arrived
 */
export async function raiseSession(
  tx: Ctx,
  { user, session }: Viewer,
  proof: { amr: readonly string[]; generation: number | null; secondFactor?: SessionFactor },
): Promise<RaisedSession> {
  const authenticatedAt = tx.clock();
  const { secondFactor } = proof;
  const raised = await tx.db.session.update({
    where: { id: session.id },
    data: {
      authenticatedAt,
      amr: withAmr(amrOfSession(session), proof.amr),
      ...(secondFactor !== undefined && { secondFactor, secondFactorAt: authenticatedAt }),
    },
  });
  const { token, expiresAt } = tx.accessTokens.issue(user, { ...raised, generation: proof.generation });
  return { authenticatedAt, accessToken: token, expiresAt, expiresIn: tx.config.accessTokenTtlSeconds };
}
