/** The settings that are secrets and nothing else; those in URLs are in url-with-password.ts. */
import { resolve } from 'node:path';
import type { Environment } from '../environment.ts';

export type SecretConfig = { kind: 'given'; value: string } | { kind: 'generated'; file: string };
/** A service that may introspect and revoke tokens. A name may occur twice while its secret is being rotated. */
export type ServiceClient = { name: string; secret: string };

/** 32 random hexadecimal digits contain fewer distinct ones only once in a million times. */
const LEAST_DIFFERENT = 8;
/** A sequence of up to 15 characters, repeated. */
const REPETITION = /^(.{1,15}?)\1+.{0,14}$/s;

/** The master secret. Generated only for the embedded database; in production it must look random. */
export function secretOf(env: Environment, isProduction: boolean, dataDir: string): SecretConfig {
  const value = masterSecretOf(env, 'SECRET');
  const isPoor = value !== undefined && (new Set(value).size < LEAST_DIFFERENT || REPETITION.test(value));
  if (isProduction && isPoor) {
    env.problem('SECRET', 'is easy to guess: create a random one, for example with `openssl rand -base64 48`');
  }
  if (value !== undefined) return { kind: 'given', value };
  if (!env.isGiven('SECRET') && env.isGiven('DATABASE_URL')) {
    env.problem('SECRET', 'is required with DATABASE_URL: every replica must have the same one');
  }
  return { kind: 'generated', file: resolve(dataDir, 'secret') };
}

/** The previous master secret; null unless it is being rotated. */
export function previousSecretOf(env: Environment): string | null {
  return masterSecretOf(env, 'SECRET_PREVIOUS') ?? null;
}

/**
 * `name:secret`, separated by commas or line breaks. The secrets are too long to guess, so they need no slow hash. `%`
 * is not allowed because clients encode it differently in HTTP Basic (RFC 6749 section 2.3.1).
 */
export function serviceClientsOf(env: Environment): readonly ServiceClient[] {
  const text = env.text('SERVICE_CLIENTS') ?? '';
  const clients: ServiceClient[] = [];
  for (const item of text.split(/[,\n]/).map((it) => it.trim())) {
    if (item === '') continue;
    const [, name = '', secret = ''] = /^([A-Za-z0-9._-]{1,64}):([\x21-\x24\x26-\x7e]{32,512})$/.exec(item) ?? [];
    if (name === '')
      env.problem(
        'SERVICE_CLIENTS',
        'must contain name:secret pairs, each secret with 32 to 512 characters and without commas, % and spaces',
      );
    else clients.push({ name, secret });
  }
  return clients;
}

function masterSecretOf(env: Environment, variable: 'SECRET' | 'SECRET_PREVIOUS') {
  const value = env.text(variable);
  if (value !== undefined && Buffer.byteLength(value) < 32) {
    env.problem(variable, 'must be at least 32 bytes long, for example from `openssl rand -base64 48`');
  }
  return value;
}
