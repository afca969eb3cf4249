/**
 * Codes and links that sign in. The code counts only together with the token of the request that asked for it, so
 * nobody else can guess at it (OWASP ASVS 5.0 section 6.6.2). The link is not bound to a browser: people open their
 * email elsewhere. It leads to a page that names the account and has a button, because mail scanners open every link.
 *
 * Unlike other challenges, an older one stays valid: a request by someone else must not end that of the owner.
 */
import { v7 as uuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { acceptedSecrets, isOneOf } from '#core/secrets.ts';
import { minutesAfter } from '#core/time.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import { CHALLENGE_LIFE, challengeCode, findUsableChallenge, MAX_ATTEMPTS } from './challenge.ts';
import { typedCode } from './pasted-proof.ts';
import { idOfRequestToken, requestTokenOf } from './request-token.ts';

const PURPOSE = 'sign-in-with-email';

export type SignInRequest = { id: string; requestToken: string; expiresAt: Date };

/** For an account; for null, the same with as many statements, and nothing is stored. Call it in a transaction. */
export async function issueSignInProof(tx: Ctx, user: { id: string; email: string } | null): Promise<SignInRequest> {
  const now = tx.clock();
  const { codeMinutes, linkMinutes } = CHALLENGE_LIFE[PURPOSE];
  const expiresAt = minutesAfter(now, linkMinutes);
  const codeExpiresAt = minutesAfter(now, codeMinutes);
  const data = { purpose: PURPOSE, createdAt: now, codeExpiresAt, expiresAt };
  // The token begins with the id, so an id that belongs to no challenge is made in the same way.
  const id = uuid();
  if (user === null) await tx.db.challenge.findUnique({ where: { id } });
  else await tx.db.challenge.create({ data: { ...data, id, userId: user.id, address: user.email } });
  return { id, requestToken: requestTokenOf(tx, { id, purpose: PURPOSE }), expiresAt };
}

/**
 * The live challenge of a request and its code. Counts the guess before comparing it. Fails with InvalidCodeError, in
 * the same time for a request whose address has no account.
 */
export async function proveSignInByCode(ctx: Ctx, requestToken: string, typed: string): Promise<Challenge> {
  const id = idOfRequestToken(ctx, PURPOSE, requestToken);
  if (id === null) throw new InvalidCodeError();
  const now = ctx.clock();
  const { count } = await ctx.db.challenge.updateMany({
    where: {
      id,
      purpose: PURPOSE,
      consumedAt: null,
      replacedAt: null,
      codeExpiresAt: { gt: now },
      attempts: { lt: MAX_ATTEMPTS },
    },
    data: { attempts: { increment: 1 } },
  });
  const expected = acceptedSecrets(ctx.secrets).map((secrets) => challengeCode(secrets, { id, purpose: PURPOSE }));
  // Nothing more is read for a wrong guess: the rows that are there for an account only would take their time.
  if (!isOneOf(expected, typedCode(typed)) || count !== 1) throw new InvalidCodeError();
  const found = await findUsableChallenge(ctx, id);
  if (found === null) throw new InvalidCodeError();
  return found;
}
