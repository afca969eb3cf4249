/** An operation as the text that is sent, which knows the types of its result and its variables. */
export type Document<Result, Variables> = string & {
  readonly __types?: (variables: Variables) => Result;
};
