/** Answers a proof that a client presents: the token of a link, or a code with the address or request it belongs to. */
import type { Ctx } from '#core/context.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import { consumeChallenge } from './challenge.ts';
import type { EmailedPurpose } from './challenge-purpose.ts';
import {
  type Presented,
  type ProofInput,
  presentedBoundCode,
  presentedLink,
  presentedOwnProof,
  presentedProof,
} from './presented-proof.ts';
import { answerRepeatedly, type ProofRequest, type Subject } from './repetition.ts';
import { recordingWrongProof } from './wrong-proof.ts';

/** What a proof is used for. The same code or token may be good for several operations; one of them uses it up. */
export type ProofUse = { purpose: EmailedPurpose; operation: ProofRequest['operation'] };

/** A proof that was presented and is not used up yet. */
export type ValidProof = {
  challenge: Challenge;
  /** Uses it up, as `consumeChallenge` does. Call it first in a transaction. */
  consume: (tx: Ctx) => Promise<void>;
};

export type ProofAnswers<T> = {
  first: (proof: ValidProof) => Promise<T>;
  /** The answer to the same request again (repetition.ts). */
  again: (subject: Subject) => Promise<T | null>;
};

/**
 * Answers the token of a link, or an email address with a code.
 * Fails with ValidationError if the input has neither form, InvalidCodeError, and TooManyAttemptsError.
 */
export function answerProof<T>(ctx: Ctx, use: ProofUse, input: ProofInput, answers: ProofAnswers<T>): Promise<T> {
  return answerPresented(ctx, use, presentedProof(ctx, use.purpose, input), answers);
}

/** Like `answerProof`, but accepts only the token of a link. Fails with InvalidCodeError. */
export function answerLinkProof<T>(ctx: Ctx, use: ProofUse, token: string, answers: ProofAnswers<T>): Promise<T> {
  return answerPresented(ctx, use, presentedLink(ctx, use.purpose, token), answers);
}

/**
 * Like `answerProof`, for the viewer's own account: accepts the code alone from a signed-in user, or the token of the
 * link from anyone. Fails like `answerProof`, and with UnauthenticatedError.
 */
export async function answerOwnProof<T>(
  ctx: Ctx,
  use: ProofUse,
  input: Pick<ProofInput, 'token' | 'code'>,
  answers: ProofAnswers<T>,
): Promise<T> {
  return answerPresented(ctx, use, await presentedOwnProof(ctx, use.purpose, input), answers);
}

/** Uses up a proof for an operation that is never repeated. Fails like `answerProof`. */
export async function useProofOnce<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  input: ProofInput,
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  return usingOnce(ctx, purpose, presentedProof(ctx, purpose, input), work);
}

/** Like `useProofOnce`, for the code of a sign-in, with the token of the request that asked for it. */
export async function useSignInCode<T>(
  ctx: Ctx,
  { requestToken, code }: { requestToken: string; code: string },
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  const purpose = 'sign-in-with-email';
  return usingOnce(ctx, purpose, presentedBoundCode(ctx, purpose, requestToken, code), work);
}

function usingOnce<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  presented: Presented,
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  return recordingWrongProof(ctx, purpose, presented, async () => {
    const challenge = await presented.prove();
    return work({ challenge, consume: (tx) => consumeChallenge(tx, challenge) });
  });
}

function answerPresented<T>(
  ctx: Ctx,
  { purpose, operation }: ProofUse,
  presented: Presented,
  { first, again }: ProofAnswers<T>,
): Promise<T> {
  const request = { operation, presented: presented.words };
  return recordingWrongProof(ctx, purpose, presented, () =>
    answerRepeatedly(ctx, request, {
      again,
      first: async (remember) => {
        const challenge = await presented.prove();
        const consume = async (tx: Ctx) => {
          await consumeChallenge(tx, challenge);
          await remember(tx, { id: challenge.userId, address: challenge.address });
        };
        return first({ challenge, consume });
      },
    }),
  );
}
