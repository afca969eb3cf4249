/** What the types of an operation say about the method that sends it, and of its result whether it is a failure. */
import type { Document } from './document.ts';

/** The value of the only field of an operation. */
export type ResultOf<Operation> =
  Operation extends Document<infer Result, infer _Variables> ? Result[keyof Result] : never;

/** The input of an operation; `never` if it has none. */
export type InputOf<Operation> =
  Operation extends Document<infer _Result, infer Variables>
    ? Variables extends { input: infer Input }
      ? Input
      : never
    : never;

/** The members of a result that are failures: those with a message, which is safe to show. */
export type FailureOf<Result> = Extract<Result, { message: string }>;

/** Whether a result is a failure; if it is not, it is the success. Also true for a failure of a later version. */
export function isFailure<Result extends object>(result: Result): result is FailureOf<Result> {
  return 'message' in result;
}
