/** Why a request is not allowed to run. */
export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'CSRF_BLOCKED'
  | 'SERVICE_UNAVAILABLE'
  | 'TOO_MANY_REQUESTS';
