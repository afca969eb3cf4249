/**
 * Answers what is asked for in one turn of the event loop together, so that many requests that arrive at once need one
 * statement. Nothing is kept: every question is answered after it was asked.
 */

import { isConflict } from '#errors/database-error.ts';
import { isOutage } from '#errors/outage.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';

/** While so many batches are under way, others wait, and are answered as one when the first of them is back. */
const BATCHES_AT_ONCE = 2;
/** A longer batch would be a longer wait for all of it. */
const BATCH_SIZE = 100;

type Asked<Question, Answer> = { question: Question } & Omit<PromiseWithResolvers<Answer>, 'promise'>;

export type Together<Question, Answer> = {
  /**
   * Gets a batch of questions, and gives their answers in the same order. If it fails for a batch, nothing of it must
   * have been done: each question is then asked by itself, so that one which cannot be answered, or which met something
   * else in a deadlock, fails alone. Only in an outage do all of them fail at once.
   */
  answer: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  /** Null if no traces are sent. What is done for a batch belongs to none of its traces. */
  tracing?: Pick<Tracing, 'span' | 'apart'> | null;
  /** The name of the span that each question has in its own trace, until it is answered. */
  name: string;
};

export function together<Question, Answer>({
  answer,
  tracing = null,
  name,
}: Together<Question, Answer>): (question: Question) => Promise<Answer> {
  let waiting: Asked<Question, Answer>[] = [];
  let isScheduled = false;
  let underWay = 0;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (waiting.length > 0 && underWay < BATCHES_AT_ONCE) void send();
    });
  }

  async function send(): Promise<void> {
    const batch = waiting.slice(0, BATCH_SIZE);
    waiting = waiting.slice(BATCH_SIZE);
    underWay += 1;
    try {
      await (tracing === null ? settle(batch) : tracing.apart(() => settle(batch)));
    } finally {
      underWay -= 1;
      if (waiting.length > 0) schedule();
    }
  }

  async function settle(batch: readonly Asked<Question, Answer>[]): Promise<void> {
    try {
      const answers = await answer(batch.map(({ question }) => question));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      if (batch.length === 1 || (isOutage(error) && !isConflict(error))) for (const { reject } of batch) reject(error);
      else for (const asked of batch) await settle([asked]);
    }
  }

  function ask(question: Question): Promise<Answer> {
    const { promise, ...settled } = Promise.withResolvers<Answer>();
    waiting.push({ question, ...settled });
    schedule();
    return promise;
  }

  return tracing === null ? ask : (question) => tracing.span(name, () => ask(question));
}
