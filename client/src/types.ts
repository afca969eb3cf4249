/** What the types of an operation say about the method that sends it. */
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
