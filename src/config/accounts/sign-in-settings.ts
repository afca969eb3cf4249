/** How people may sign in, what their passwords have to be like, and who needs a second factor. */
import { availableParallelism } from 'node:os';
import type { Environment } from '../environment.ts';
import { unreadable } from '../unreadable.ts';

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

export type HashConfig = { memoryKib: number; iterations: number; slots: number; queue: number };

/** @param workers processes that share the cores */
export function hashOf(env: Environment, isProduction: boolean, workers: number): HashConfig {
  const memoryKib = env.integer('HASH_MEMORY_KIB', 19_456, 8, 4_194_304);
  const iterations = env.integer('HASH_ITERATIONS', 2, 1, 100);
  // The weakest of the equivalent settings of the OWASP Password Storage Cheat Sheet is 7 MiB with 5 passes.
  if (isProduction && memoryKib * iterations < 7168 * 5) {
    env.problem('HASH_MEMORY_KIB', 'and HASH_ITERATIONS are below what OWASP recommends (19456 KiB with 2 passes)');
  }
  const slots = env.integer('HASH_SLOTS', Math.ceil(availableParallelism() / workers), 1, 256);
  return { memoryKib, iterations, slots, queue: env.integer('HASH_QUEUE', 256, 0, 100_000) };
}

/** Short entries are skipped, because they are part of too many other words. */
const SHORTEST_ENTRY = 4;

/** A file with one password or word a line, such as the names of products and of the region. */
export function commonPasswordsOf(env: Environment, readFile: (path: string) => string): ReadonlySet<string> {
  const path = env.text('PASSWORD_LIST');
  if (path === undefined) return new Set();
  try {
    const lines = readFile(path).split(/\r?\n/);
    const entries = lines.map((line) => line.trim().normalize('NFKC').toLowerCase());
    const usable = entries.filter((entry) => [...entry].length >= SHORTEST_ENTRY);
    if (usable.length === 0)
      env.problem('PASSWORD_LIST', `has no line of at least ${SHORTEST_ENTRY} characters: ${path}`);
    return new Set(usable);
  } catch (error) {
    env.problem('PASSWORD_LIST', unreadable(path, error));
    return new Set();
  }
}
