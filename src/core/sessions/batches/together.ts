/**
 * Answers what is asked for in one turn of the event loop together, so that many requests that arrive at once need one
 * statement. Nothing is kept: every question is answered after it was asked.
 */

/** While so many batches are under way, others wait, and are answered as one when the first of them is back. */
const BATCHES_AT_ONCE = 2;
/** A longer batch would be a longer wait for all of it. */
const BATCH_SIZE = 100;

type Asked<Question, Answer> = { question: Question } & Omit<PromiseWithResolvers<Answer>, 'promise'>;

/** @param answer gets a batch of questions, and gives their answers in the same order; if it fails, all of them fail */
export function together<Question, Answer>(
  answer: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
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
      const answers = await answer(batch.map(({ question }) => question));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      underWay -= 1;
      if (waiting.length > 0) schedule();
    }
  }

  return (question) => {
    const { promise, ...settle } = Promise.withResolvers<Answer>();
    waiting.push({ question, ...settle });
    schedule();
    return promise;
  };
}
