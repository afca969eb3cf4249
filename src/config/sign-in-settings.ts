/** How people may sign in, and who needs a second factor. */
import type { Environment } from './environment.ts';

/** First factors, in the order in which they are offered. */
const SIGN_IN_METHODS = ['password', 'email'] as const;
export type SignInMethodName = (typeof SIGN_IN_METHODS)[number];

export type SecondFactorPolicy = 'never' | 'admins' | 'everyone';

export function signInMethodsOf(env: Environment): readonly SignInMethodName[] {
  const names = env.list('SIGN_IN_METHODS', SIGN_IN_METHODS);
  for (const name of names) {
    if (SIGN_IN_METHODS.some((known) => known === name)) continue;
    env.problem('SIGN_IN_METHODS', `${JSON.stringify(name)} is not one of ${SIGN_IN_METHODS.join(', ')}`);
  }
  if (names.length === 0) env.problem('SIGN_IN_METHODS', 'must contain at least one way to sign in');
  return SIGN_IN_METHODS.filter((name) => names.includes(name));
}

/** Off by default: each is a way in without a second factor, for as long as its owner keeps it. */
export function legacyPasswordsOf(env: Environment): boolean {
  return env.oneOf('LEGACY_PASSWORDS', 'off', ['on', 'off'] as const) === 'on';
}

/** In production, administrators need one by default: an administrator's password is the key to every account. */
export function requireSecondFactorOf(env: Environment, isProduction: boolean): SecondFactorPolicy {
  const policies = ['never', 'admins', 'everyone'] as const;
  return env.oneOf('REQUIRE_SECOND_FACTOR', isProduction ? 'admins' : 'never', policies);
}
