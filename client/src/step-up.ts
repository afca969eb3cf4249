/**
 * Whether a 401 asks for a more recent or stronger sign-in (RFC 9470), which a refreshed token would not show either. A
 * page reads the header of another origin only if that exposes it; without it, there is one refresh that does not help.
 */
export function isStepUp({ headers }: Pick<Response, 'headers'>): boolean {
  return headers.get('www-authenticate')?.includes('insufficient_user_authentication') ?? false;
}
