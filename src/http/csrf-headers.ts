/** Any of these proves that no page of a foreign site sent a request without asking: they force a CORS preflight. */
export const CSRF_HEADERS = [
  'x-graphql-yoga-csrf',
  'apollo-require-preflight',
  'graphql-require-preflight',
  'x-apollo-operation-name',
];
