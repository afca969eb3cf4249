/** Headers that force a CORS preflight: any of them shows that no page of another site sent the request unasked. */
export const CSRF_HEADERS = [
  'x-graphql-yoga-csrf',
  'apollo-require-preflight',
  'graphql-require-preflight',
  'x-apollo-operation-name',
];
