/** The settings that are secrets. Each may be in the environment or in the file named by the variable `NAME_FILE`. */
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';
import type { Variable } from './settings.ts';

export type SecretConfig = { kind: 'given'; value: string } | { kind: 'generated'; file: string };
/** A service that may introspect and revoke tokens. A name may occur twice while its secret is being rotated. */
export type ServiceClient = { name: string; secret: string };

type ReadFile = (path: string) => string;

/** 32 random hexadecimal digits contain fewer distinct ones only once in a million times. */
const LEAST_DIFFERENT = 8;
/** A sequence of up to 15 characters, repeated. */
const REPETITION = /^(.{1,15}?)\1+.{0,14}$/s;

type SecretPlaces = { isProduction: boolean; dataDir: string; readFile: ReadFile };

/** The master secret. Generated only for the embedded database; in production it must look random. */
export function secretOf(env: Environment, { isProduction, dataDir, readFile }: SecretPlaces): SecretConfig {
  const value = masterSecretOf(env, readFile, 'SECRET', 'SECRET_FILE');
  const isPoor = value !== undefined && (new Set(value).size < LEAST_DIFFERENT || REPETITION.test(value));
  if (isProduction && isPoor) {
    const variable = env.text('SECRET_FILE') === undefined ? 'SECRET' : 'SECRET_FILE';
    env.problem(variable, 'is easy to guess: create a random one, for example with `openssl rand -base64 48`');
  }
  if (value !== undefined) return { kind: 'given', value };
  if (env.text('SECRET_FILE') === undefined && env.text('DATABASE_URL') !== undefined) {
    env.problem('SECRET', 'is required with DATABASE_URL: every replica must have the same one');
  }
  return { kind: 'generated', file: resolve(dataDir, 'secret') };
}

/** The previous master secret; null unless it is being rotated. */
export function previousSecretOf(env: Environment, readFile: ReadFile): string | null {
  return masterSecretOf(env, readFile, 'SECRET_PREVIOUS', 'SECRET_PREVIOUS_FILE') ?? null;
}

/**
 * `name:secret`, separated by commas or line breaks. The secrets are too long to guess, so they need no slow hash. `%`
 * is not allowed because clients encode it differently in HTTP Basic (RFC 6749 section 2.3.1).
 */
export function serviceClientsOf(env: Environment, readFile: ReadFile): readonly ServiceClient[] {
  const variable = env.text('SERVICE_CLIENTS') === undefined ? 'SERVICE_CLIENTS_FILE' : 'SERVICE_CLIENTS';
  const text = textOrFile(env, readFile, 'SERVICE_CLIENTS', 'SERVICE_CLIENTS_FILE') ?? '';
  const clients: ServiceClient[] = [];
  for (const item of text.split(/[,\n]/).map((it) => it.trim())) {
    if (item === '') continue;
    const [, name = '', secret = ''] = /^([A-Za-z0-9._-]{1,64}):([\x21-\x24\x26-\x7e]{32,512})$/.exec(item) ?? [];
    if (name === '')
      env.problem(
        variable,
        'must contain name:secret pairs, each secret with 32 to 512 characters and without commas, % and spaces',
      );
    else clients.push({ name, secret });
  }
  return clients;
}

function masterSecretOf(env: Environment, readFile: ReadFile, variable: Variable, fileVariable: Variable) {
  const value = textOrFile(env, readFile, variable, fileVariable);
  if (value !== undefined && Buffer.byteLength(value) < 32) {
    const named = env.text(fileVariable) === undefined ? variable : fileVariable;
    env.problem(named, 'must be at least 32 bytes long, for example from `openssl rand -base64 48`');
  }
  return value;
}

function textOrFile(env: Environment, readFile: ReadFile, variable: Variable, fileVariable: Variable) {
  const value = env.text(variable);
  const file = env.text(fileVariable);
  if (file === undefined) return value;
  if (value !== undefined) {
    env.problem(variable, `and ${fileVariable} must not both be set`);
    return value;
  }
  try {
    return readFile(file).trim();
  } catch {
    env.problem(fileVariable, `cannot be read: ${file}`);
    return undefined;
  }
}
