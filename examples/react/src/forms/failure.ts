/** What a form shows when it did not work out. */
import { isFailure } from '@latchkey/client';
import { graphql } from '../generated/index.ts';

/** What a mutation asks of its failures: `...Failure` beside the success. Codegen finds it by its name. */
export const FAILURE = graphql(`
  fragment Failure on UserError {
    code
    message
    ... on ValidationError {
      fieldErrors {
        path
        message
      }
    }
    ... on ReauthenticationRequiredError {
      methods
    }
  }
`);

/** Every failure of the API fits. The fields that only some have are optional. */
export type Failure = {
  __typename: string;
  message: string;
  fieldErrors?: readonly { path: readonly string[]; message: string }[];
  methods?: readonly string[];
};

/** A result that is not a failure. */
export type SuccessOf<Result> = Exclude<Result, { message: string }>;

export function isSuccess<Result extends object>(result: Result): result is SuccessOf<Result> {
  return !isFailure(result);
}

/** For what was thrown: no network, or a request that was refused as a whole. */
export function thrownFailure(error: unknown): Failure {
  // `fetch` throws a TypeError if there is no network, with a text of the browser.
  const isOffline = !(error instanceof Error) || error instanceof TypeError;
  return { __typename: 'Thrown', message: isOffline ? 'The service could not be reached.' : error.message };
}

/** The messages that belong to one input. `path` begins below `input`. */
export function messagesFor(name: string, failure: Failure | null): string {
  const own = failure?.fieldErrors?.filter(({ path }) => path[0] === name) ?? [];
  return own.map(({ message }) => message).join(' ');
}

/** The failure with the messages of fields that the form does not have, such as the token of a link. */
export function withOtherFields(failure: Failure, form: HTMLFormElement | null): Failure {
  const others = (failure.fieldErrors ?? []).filter(({ path: [name = ''] }) => !form?.elements.namedItem(name));
  return { ...failure, message: [failure.message, ...others.map(({ message }) => message)].join(' ') };
}
