/**
 * Refuses a request whose answer its sender could not read, before anything is done for it. Yoga would run the
 * operation first, and a sign-in whose tokens nobody gets is a session that nobody ends.
 */
import type { Plugin } from 'graphql-yoga';

/** What Yoga answers in; it takes a charset other than UTF-8 for a type that it does not know. */
const READABLE =
  /^(?:\*\/\*|application\/(?:\*|json|graphql-response\+json)|multipart\/(?:\*|mixed)|text\/(?:\*|event-stream))$/;

export function acceptable(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const accept = request.headers.get('accept') || '*/*';
      if (request.method === 'OPTIONS' || accept.split(',').some(isReadable)) return;
      const message = 'The answer is application/graphql-response+json or application/json; accept one of them.';
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }] });
      endResponse(new fetchAPI.Response(body, { status: 406, headers: { 'content-type': 'application/json' } }));
    },
  };
}

function isReadable(entry: string): boolean {
  const [type = '', ...parameters] = entry.replace(/\s/g, '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.includes('charset='));
  return READABLE.test(type) && (charset === undefined || charset === 'charset=utf-8');
}
