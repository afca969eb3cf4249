/**
 * Answers what is asked for in one turn of the event loop together, so that many requests that arrive at once need one
 * statement. Nothing is kept: every question is answered after it was asked.
 */

import { isConflict, isLockTimeout } from '#errors/database-error.ts';
import { isOutage } from '#errors/outage.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';

/** While so many batches are under way, others wait, and are answered as one when the first of them is back. */
const BATCHES_AT_ONCE = 2;
/** A batch that takes longer, perhaps because it waits for a lock, counts half, so that others overtake it. */
const PATIENCE_MS = 250;
/** How many questions of a failed batch are asked at once. If as many meet an outage, the rest is not asked. */
const LANES = 4;
/** A longer batch would be a longer wait for all of it. */
const BATCH_SIZE = 100;

type Asked<Question, Answer> = { question: Question } & Omit<PromiseWithResolvers<Answer>, 'promise'>;

export type Together<Question, Answer> = {
  /**
   * Gets a batch of questions, and gives their answers in the same order. If it fails for a batch, nothing of it must
   * have been done: each question is then asked by itself, so that one which cannot be answered, which met something
   * else in a deadlock, or which needs what someone else has locked, fails alone. Only in an outage do all of them fail
   * at once.
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
    let share = 1;
    const patience = setTimeout(() => {
      share /= 2;
      underWay -= share;
      if (waiting.length > 0) schedule();
    }, PATIENCE_MS);
    try {
      await (tracing === null ? settle(batch) : tracing.apart(() => settle(batch)));
    } finally {
      clearTimeout(patience);
      underWay -= share;
      if (waiting.length > 0) schedule();
    }
  }

  async function settle(batch: readonly Asked<Question, Answer>[]): Promise<void> {
    try {
      const answers = await answer(batch.map(({ question }) => question));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      const isOfOne = isConflict(error) || isLockTimeout(error) || !isOutage(error);
      if (batch.length > 1 && isOfOne) await settleApart(batch);
      else for (const { reject } of batch) reject(error);
    }
  }

  /** Each by itself, and several at once, so that hardly anyone waits for the one because of which the batch failed. */
  async function settleApart(batch: readonly Asked<Question, Answer>[]): Promise<void> {
    const rest = [...batch];
    let outages = 0;
    const lane = async () => {
      for (let asked = rest.shift(); asked !== undefined; asked = rest.shift()) {
        try {
          const [its] = await answer([asked.question]);
          asked.resolve(its as Answer);
        } catch (error) {
          asked.reject(error);
          if (isOutage(error)) outages += 1;
          if (outages >= LANES) for (const { reject } of rest.splice(0)) reject(error);
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  function ask(question: Question): Promise<Answer> {
    const { promise, ...settled } = Promise.withResolvers<Answer>();
    waiting.push({ question, ...settled });
    schedule();
    return promise;
  }

  return tracing === null ? ask : (question) => tracing.span(name, () => ask(question));
}
