/**
 * Settings: read from the environment once, by a pure function that reports every problem at once.
 *
 * `SETTINGS` is the one list of what can be set; the parser, the README's table and `.env.example` come from it.
 * An empty value counts as absent. A setting that is half made (or unsafe in production) does not parse.
 */
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { OperatorError } from '#errors.ts';

export type JwtAlgorithm = 'ES256' | 'EdDSA' | 'RS256' | 'HS256';
export type AccountDiscovery = 'conceal' | 'reveal';

export type DatabaseConfig =
  | { kind: 'embedded'; directory: string }
  | { kind: 'postgresql'; url: string; poolSize: number };
export type SecretConfig = { kind: 'given'; value: string } | { kind: 'generated'; file: string };
export type MailConfig = { kind: 'mailbox'; from: string } | { kind: 'smtp'; url: string; from: string };

export type Config = {
  isProduction: boolean;
  host: string;
  port: number;
  /** Origin and optional path, without a trailing slash: issuer of tokens and base of every mailed link. */
  publicUrl: string;
  database: DatabaseConfig;
  secret: SecretConfig;
  mail: MailConfig;
  jwtAlgorithm: JwtAlgorithm;
  accessTokenTtlSeconds: number;
  sessionIdleTtlSeconds: number;
  sessionTtlSeconds: number;
  refreshGraceSeconds: number;
  passwordMinLength: number;
  hash: { memoryKib: number; iterations: number; slots: number; queue: number };
  userRoles: readonly string[];
  selfAssignableRoles: readonly string[];
  accountDiscovery: AccountDiscovery;
  trustedProxies: readonly string[];
  corsOrigins: readonly string[];
  introspection: boolean;
  graphiql: boolean;
  logLevel: string;
};

export type ConfigProblem = { variable: string; problem: string };

/** Every problem of the environment, in one error. */
export class ConfigError extends OperatorError {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(`The settings cannot be used:\n${problems.map((p) => `  ${p.variable}: ${p.problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** What can be set: name, default as shown to people, meaning. */
export const SETTINGS = [
  [
    'NODE_ENV',
    'development',
    '`production` switches GraphiQL, introspection and the mailbox off and refuses unsafe settings',
  ],
  ['HOST', '127.0.0.1', 'address to listen on'],
  ['PORT', '4000', 'port to listen on'],
  [
    'PUBLIC_URL',
    'http://localhost:PORT',
    'where people reach the service: token issuer and base of every mailed link; required in production',
  ],
  ['DATA_DIR', '.data', 'embedded database and generated secret'],
  ['DATABASE_URL', 'none: embedded database', 'PostgreSQL, `postgresql://user:password@host:5432/name`'],
  ['DATABASE_POOL_SIZE', '10', 'connections to PostgreSQL for each process'],
  [
    'SECRET',
    'generated into DATA_DIR when embedded',
    'master secret, at least 32 bytes; every key is derived from it or encrypted under it',
  ],
  ['SECRET_FILE', 'none', 'file that holds SECRET'],
  ['SMTP_URL', 'none: development mailbox', '`smtp://user:password@host:587` or `smtps://…`; required in production'],
  ['MAIL_FROM', 'Latchkey <no-reply@localhost>', 'sender of every mail'],
  ['JWT_ALG', 'ES256', 'signature of access tokens: ES256, EdDSA, RS256 or HS256'],
  ['ACCESS_TOKEN_TTL', '15m', 'life of an access token'],
  ['SESSION_IDLE_TTL', '14d', 'a session unused for this long ends'],
  ['SESSION_TTL', '30d', 'a session ends after this long however often it is used'],
  ['REFRESH_GRACE', '10s', 'how long a just-rotated refresh token gives the same successor again'],
  ['PASSWORD_MIN_LENGTH', '8', 'in characters; NIST SP 800-63B-4 recommends 15 where the password is the only factor'],
  ['HASH_MEMORY_KIB', '19456', 'argon2id memory'],
  ['HASH_ITERATIONS', '2', 'argon2id passes'],
  ['HASH_SLOTS', 'one a core', 'passwords hashed at once'],
  ['HASH_QUEUE', '256', 'passwords that may wait for a slot; beyond it the answer is SERVICE_BUSY'],
  ['USER_ROLES', 'customer,admin', 'platform roles; the first is the default'],
  ['SELF_ASSIGNABLE_ROLES', 'customer', 'roles a person may choose when registering'],
  [
    'ACCOUNT_DISCOVERY',
    'conceal',
    '`conceal` never tells whether an address has an account; `reveal` answers a registration of a known address with EmailTakenError',
  ],
  ['TRUSTED_PROXIES', 'none', 'addresses or CIDRs whose X-Forwarded-For is believed, comma separated'],
  ['CORS_ORIGINS', 'none: same origin', 'exact origins of browser front ends, comma separated'],
  ['GRAPHQL_INTROSPECTION', 'on, off in production', '`on` or `off`'],
  ['GRAPHIQL', 'on, off in production', '`on` or `off`'],
  ['LOG_LEVEL', 'info', 'debug, info, warn, error or silent'],
] as const satisfies readonly (readonly [string, string, string])[];

type Variable = (typeof SETTINGS)[number][0];

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
const ADDRESS_OR_CIDR = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i;

/** The settings, or one ConfigError that names every problem. `readFile` is asked for SECRET_FILE only. */
export function parseConfig(
  env: Record<string, string | undefined>,
  readFile: (path: string) => string = () => '',
): Config {
  const problems: ConfigProblem[] = [];
  const problem = (variable: Variable, text: string) => void problems.push({ variable, problem: text });
  const text = (variable: Variable) => env[variable]?.trim() || undefined;

  const integer = (variable: Variable, fallback: number, min: number, max: number) => {
    const value = text(variable);
    if (value === undefined) return fallback;
    if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    problem(variable, `must be a whole number from ${min} to ${max}`);
    return fallback;
  };
  const seconds = (variable: Variable, fallback: number, min: number) => {
    const value = text(variable);
    if (value === undefined) return fallback;
    const match = /^(\d{1,7})([smhd])$/.exec(value);
    const result = match ? Number(match[1]) * (UNIT_SECONDS[match[2] ?? ''] ?? 0) : -1;
    if (result >= min && result <= 400 * 86_400) return result;
    problem(variable, `must be a duration such as 10s, 15m, 12h or 30d, at least ${min} s and at most 400 days`);
    return fallback;
  };
  const oneOf = <T extends string>(variable: Variable, fallback: T, allowed: readonly T[]): T => {
    const value = text(variable);
    if (value === undefined) return fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) problem(variable, `must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  };
  const list = (variable: Variable, fallback: readonly string[]) => {
    const value = text(variable);
    return value === undefined
      ? fallback
      : value
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== '');
  };
  const url = (variable: Variable, protocols: readonly string[]) => {
    const value = text(variable);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    problem(variable, `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    return undefined;
  };

  const isProduction = oneOf('NODE_ENV', 'development', ['development', 'production', 'test']) === 'production';
  const port = integer('PORT', 4000, 0, 65_535);
  const dataDir = resolve(text('DATA_DIR') ?? '.data');

  const publicUrl = (url('PUBLIC_URL', ['https:', 'http:']) ?? `http://localhost:${port}`).replace(/\/+$/, '');
  if (/[?#]/.test(publicUrl)) problem('PUBLIC_URL', 'must have no query and no fragment');
  if (isProduction && text('PUBLIC_URL') === undefined) problem('PUBLIC_URL', 'is required in production');
  else if (isProduction && publicUrl.startsWith('http:'))
    problem('PUBLIC_URL', 'must start with https:// in production');

  const databaseUrl = url('DATABASE_URL', ['postgresql:', 'postgres:']);
  const poolSize = integer('DATABASE_POOL_SIZE', 10, 2, 1000);
  const database: DatabaseConfig =
    databaseUrl === undefined
      ? { kind: 'embedded', directory: resolve(dataDir, 'database') }
      : { kind: 'postgresql', url: databaseUrl, poolSize };

  const secretFile = text('SECRET_FILE');
  let secretValue = text('SECRET');
  if (secretValue !== undefined && secretFile !== undefined) problem('SECRET', 'and SECRET_FILE exclude each other');
  else if (secretFile !== undefined) {
    try {
      secretValue = readFile(secretFile).trim();
    } catch {
      problem('SECRET_FILE', `cannot be read: ${secretFile}`);
    }
  }
  if (secretValue !== undefined && Buffer.byteLength(secretValue) < 32) {
    problem(
      secretFile === undefined ? 'SECRET' : 'SECRET_FILE',
      'must hold at least 32 bytes, for example `openssl rand -base64 48`',
    );
  }
  if (secretValue === undefined && databaseUrl !== undefined && secretFile === undefined) {
    problem('SECRET', 'is required with DATABASE_URL: every replica must hold the same one');
  }
  const secret: SecretConfig =
    secretValue === undefined
      ? { kind: 'generated', file: resolve(dataDir, 'secret') }
      : { kind: 'given', value: secretValue };

  const smtpUrl = url('SMTP_URL', ['smtp:', 'smtps:']);
  const from = text('MAIL_FROM') ?? 'Latchkey <no-reply@localhost>';
  if (!/^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/.test(from)) {
    problem('MAIL_FROM', 'must be an address or `Name <address>`');
  }
  if (isProduction && smtpUrl === undefined)
    problem('SMTP_URL', 'is required in production: there is no mailbox there');
  if (smtpUrl !== undefined && text('MAIL_FROM') === undefined) problem('MAIL_FROM', 'is required with SMTP_URL');
  const mail: MailConfig = smtpUrl === undefined ? { kind: 'mailbox', from } : { kind: 'smtp', url: smtpUrl, from };

  const sessionIdleTtlSeconds = seconds('SESSION_IDLE_TTL', 14 * 86_400, 60);
  const sessionTtlSeconds = seconds('SESSION_TTL', 30 * 86_400, 60);
  const accessTokenTtlSeconds = seconds('ACCESS_TOKEN_TTL', 900, 5);
  if (accessTokenTtlSeconds > 86_400)
    problem('ACCESS_TOKEN_TTL', 'must be at most 1d: it is what a stolen token is worth elsewhere');
  const refreshGraceSeconds = seconds('REFRESH_GRACE', 10, 0);
  if (refreshGraceSeconds > 60) problem('REFRESH_GRACE', 'must be at most 60s');

  const memoryKib = integer('HASH_MEMORY_KIB', 19_456, 8, 4_194_304);
  const iterations = integer('HASH_ITERATIONS', 2, 1, 100);
  if (isProduction && memoryKib * iterations < 14_336) {
    problem(
      'HASH_MEMORY_KIB',
      'and HASH_ITERATIONS are below what OWASP recommends for argon2id (19456 KiB with 2 passes)',
    );
  }

  const userRoles = list('USER_ROLES', ['customer', 'admin']);
  for (const role of userRoles) {
    if (!/^[a-z][a-z0-9_-]{0,31}$/.test(role))
      problem('USER_ROLES', `${JSON.stringify(role)} is no role name (a-z, 0-9, - and _)`);
  }
  if (userRoles.length === 0) problem('USER_ROLES', 'must name at least one role');
  const selfAssignableRoles = list(
    'SELF_ASSIGNABLE_ROLES',
    userRoles.includes('customer') ? ['customer'] : userRoles.slice(0, 1),
  );
  for (const role of selfAssignableRoles) {
    if (!userRoles.includes(role)) problem('SELF_ASSIGNABLE_ROLES', `${JSON.stringify(role)} is not among USER_ROLES`);
    if (role === 'admin')
      problem('SELF_ASSIGNABLE_ROLES', 'must not hold admin: whoever registers would own the platform');
  }

  const trustedProxies = list('TRUSTED_PROXIES', []);
  for (const proxy of trustedProxies) {
    const match = ADDRESS_OR_CIDR.exec(proxy);
    const family = isIP(match?.[1] ?? '');
    if (family === 0 || Number(match?.[2] ?? 0) > (family === 4 ? 32 : 128))
      problem('TRUSTED_PROXIES', `${JSON.stringify(proxy)} is no address or CIDR`);
  }
  const corsOrigins = list('CORS_ORIGINS', []);
  for (const origin of corsOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      problem('CORS_ORIGINS', `${JSON.stringify(origin)} is no origin such as https://app.example.com`);
    }
  }

  const config: Config = {
    isProduction,
    host: text('HOST') ?? '127.0.0.1',
    port,
    publicUrl,
    database,
    secret,
    mail,
    jwtAlgorithm: oneOf('JWT_ALG', 'ES256', ['ES256', 'EdDSA', 'RS256', 'HS256']),
    accessTokenTtlSeconds,
    sessionIdleTtlSeconds,
    sessionTtlSeconds,
    refreshGraceSeconds,
    passwordMinLength: integer('PASSWORD_MIN_LENGTH', 8, 8, 64),
    hash: {
      memoryKib,
      iterations,
      slots: integer('HASH_SLOTS', availableParallelism(), 1, 256),
      queue: integer('HASH_QUEUE', 256, 0, 100_000),
    },
    userRoles,
    selfAssignableRoles,
    accountDiscovery: oneOf('ACCOUNT_DISCOVERY', 'conceal', ['conceal', 'reveal']),
    trustedProxies,
    corsOrigins,
    introspection: oneOf('GRAPHQL_INTROSPECTION', isProduction ? 'off' : 'on', ['on', 'off']) === 'on',
    graphiql: oneOf('GRAPHIQL', isProduction ? 'off' : 'on', ['on', 'off']) === 'on',
    logLevel: oneOf('LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}
