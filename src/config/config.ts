/**
 * Parses the settings from the environment, once, with a pure function that reports every problem at once.
 *
 * An empty value counts as absent. settings.ts lists all settings. Settings that are incomplete, or unsafe in
 * production, are rejected.
 */

import { resolve } from 'node:path';
import { type BreachCheckConfig, breachCheckOf } from './abuse-control/breach-settings.ts';
import { type CaptchaConfig, captchaOf } from './abuse-control/captcha-settings.ts';
import { type EmailDomains, emailDomainsOf } from './abuse-control/email-domains.ts';
import { rolesOf } from './accounts/role-settings.ts';
import {
  commonPasswordsOf,
  type HashConfig,
  hashOf,
  legacyPasswordsOf,
  requireSecondFactorOf,
  type SecondFactorPolicy,
  type SignInMethodName,
  signInMethodsOf,
} from './accounts/sign-in-settings.ts';
import { type Brand, brandOf, type PageUrls, pageUrlOf, pageUrlsOf } from './brand/brand-settings.ts';
import { type DatabaseConfig, databaseOf } from './database/database-settings.ts';
import { workersOf } from './database/workers-settings.ts';
import { ConfigError, type ConfigProblem, type Environment, readEnvironment } from './environment.ts';
import { type GraphqlConfig, graphqlOf } from './graphql-settings.ts';
import { type MetricsConfig, metricsOf } from './monitoring/metrics-settings.ts';
import { type TracingConfig, tracingOf } from './monitoring/tracing-settings.ts';
import {
  corsHeadersOf,
  corsOriginsOf,
  type RefreshCookieConfig,
  refreshCookieOf,
  type StrictTransport,
  strictTransportOf,
} from './network/browser-settings.ts';
import { type ListenConfig, listenOf } from './network/listen-settings.ts';
import { type MailConfig, mailOf } from './network/mail-settings.ts';
import { clientIpHeaderOf, trustedProxiesOf } from './network/proxy-settings.ts';
import { publicUrlOf } from './network/public-url-settings.ts';
import { type RestApiName, referenceOf, restApisOf } from './rest-settings.ts';
import { keyRotationOf, lifetimesOf } from './tokens/lifetime-settings.ts';
import {
  previousSecretOf,
  type SecretConfig,
  type ServiceClient,
  secretOf,
  serviceClientsOf,
} from './tokens/secret-settings.ts';
import {
  JWT_ALGORITHMS,
  type JwtAlgorithm,
  type Service,
  servicesOf,
  type TokenClaims,
  tokenAudienceOf,
  tokenClaimsOf,
} from './tokens/token-settings.ts';

export type AccountDiscovery = 'conceal' | 'reveal' | 'conceal-everywhere';

export type Config = {
  isProduction: boolean;
  /** Unsafe choices that a setting makes in so many words; each is logged at every start. */
  warnings: readonly ConfigProblem[];
  listen: ListenConfig;
  /** Processes that answer on the port. */
  workers: number;
  /** How long a connection without a request stays open. */
  keepAliveSeconds: number;
  /** Origin and optional path, without a trailing slash: the issuer of tokens and the base of every link in emails. */
  publicUrl: string;
  /** Whether answers tell browsers to use https only (RFC 6797), for this host or for its subdomains as well. */
  strictTransport: StrictTransport;
  database: DatabaseConfig;
  /** DATA_DIR, if it was given: only then does it stay, where the database is not in it. */
  dataDir: string | null;
  secret: SecretConfig;
  /** The previous master secret, during a rotation. */
  previousSecret: string | null;
  mail: MailConfig;
  jwtAlgorithm: JwtAlgorithm;
  /** How long a signing key signs; null if keys are rotated only manually. */
  keyRotationSeconds: number | null;
  accessTokenTtlSeconds: number;
  /** The claim `aud` of access tokens: PUBLIC_URL, which is all that our own API accepts, and then other services. */
  tokenAudience: readonly string[];
  /** Claims of access tokens besides ours; null for none. */
  tokenClaims: TokenClaims | null;
  /** Services for which people can get tokens that are valid nowhere else. */
  services: readonly Service[];
  sessionIdleTtlSeconds: number;
  sessionTtlSeconds: number;
  refreshGraceSeconds: number;
  reauthenticationWindowSeconds: number;
  accountDeletionGraceSeconds: number;
  /** Whether each event is a log line as well. */
  auditLog: boolean;
  auditRetentionSeconds: number;
  /** How people may sign in; at least one. */
  signInMethods: readonly SignInMethodName[];
  /** Who acts for others only after proving a second factor. */
  requireSecondFactor: SecondFactorPolicy;
  /** Whether people can make passwords for REST clients that cannot ask for a second factor. */
  legacyPasswords: boolean;
  passwordMinLength: number;
  /** The operator's list of passwords that are too common, in lowercase, besides ours. */
  commonPasswords: ReadonlySet<string>;
  /** Null if new passwords are not looked up among those of data breaches. */
  breachCheck: BreachCheckConfig | null;
  hash: HashConfig;
  userRoles: readonly string[];
  selfAssignableRoles: readonly string[];
  accountDiscovery: AccountDiscovery;
  emailDomains: EmailDomains;
  /** The header, in lowercase, that names the organization to act in. */
  organizationHeader: string;
  organizationsPerUser: number;
  organizationDeletionGraceSeconds: number;
  brand: Brand;
  /** The folder with the operator's texts of emails; null for ours. */
  templatesDir: string | null;
  /** Pages of the front end, without a fragment, that emails link to instead of the built-in ones. */
  pageUrls: PageUrls;
  /** Where people change their password, for /.well-known/change-password; null if no page was named. */
  changePasswordUrl: string | null;
  restApis: readonly RestApiName[];
  /** Null if no captcha is required. */
  captcha: CaptchaConfig | null;
  trustedProxies: readonly string[];
  /** The header, in lowercase, in which trusted proxies pass the client's IP address. */
  clientIpHeader: string;
  corsOrigins: readonly string[];
  /** Request headers, in lowercase, that pages of these origins may send in addition to those always allowed. */
  corsHeaders: readonly string[];
  refreshCookie: RefreshCookieConfig;
  /** Whether /docs and /openapi.json are served; false if there is no REST API. */
  reference: boolean;
  /** Services that may introspect and revoke tokens; if there are none, both endpoints are off. */
  serviceClients: readonly ServiceClient[];
  shutdownDelaySeconds: number;
  /** From the close of the listener to the end of the process, whatever is still in progress. */
  shutdownTimeoutSeconds: number;
  logLevel: string;
  /** The share of successful reads that get a log line, from 0 to 1. */
  logSample: number;
  /** Null if /metrics is not served. */
  metrics: MetricsConfig | null;
  /** Null if no traces are sent. */
  tracing: TracingConfig | null;
} & GraphqlConfig;

/** The settings, or a ConfigError that lists every problem. `readFile` is used only for files that settings name. */
export function parseConfig(
  variables: Record<string, string | undefined>,
  readFile: (path: string) => string = () => '',
  readBytes: (path: string) => Uint8Array = () => new Uint8Array(),
): Config {
  const env = readEnvironment(variables, readFile);
  const isProduction = env.oneOf('NODE_ENV', 'development', ['development', 'production', 'test']) === 'production';
  const listen = listenOf(env);
  const publicUrl = publicUrlOf(env, isProduction, listen);
  const brand = brandOf(env, isProduction, readBytes);
  const dataDir = resolve(env.text('DATA_DIR') ?? '.data');
  const workers = workersOf(env, listen);
  const config: Config = {
    isProduction,
    warnings: env.warnings,
    listen,
    workers,
    keepAliveSeconds: env.seconds('KEEP_ALIVE_TIMEOUT', '75s', '1s', '1d'),
    publicUrl,
    strictTransport: strictTransportOf(env, publicUrl),
    database: databaseOf(env, isProduction, dataDir),
    dataDir: env.isGiven('DATA_DIR') ? dataDir : null,
    secret: secretOf(env, isProduction, dataDir),
    previousSecret: previousSecretOf(env),
    mail: mailOf(env, { isProduction, listen, publicUrl }, brand.name),
    jwtAlgorithm: env.oneOf('JWT_ALG', 'ES256', JWT_ALGORITHMS),
    keyRotationSeconds: keyRotationOf(env),
    ...lifetimesOf(env),
    tokenAudience: tokenAudienceOf(env, publicUrl),
    tokenClaims: tokenClaimsOf(env),
    services: servicesOf(env, publicUrl),
    auditLog: env.oneOf('AUDIT_LOG', 'off', ['on', 'off']) === 'on',
    signInMethods: signInMethodsOf(env),
    requireSecondFactor: requireSecondFactorOf(env, isProduction),
    legacyPasswords: legacyPasswordsOf(env),
    passwordMinLength: env.integer('PASSWORD_MIN_LENGTH', 8, 8, 64),
    commonPasswords: commonPasswordsOf(env, readFile),
    breachCheck: breachCheckOf(env, isProduction),
    hash: hashOf(env, isProduction, workers),
    ...rolesOf(env),
    accountDiscovery: env.oneOf('ACCOUNT_DISCOVERY', 'conceal', ['conceal', 'reveal', 'conceal-everywhere']),
    emailDomains: emailDomainsOf(env),
    organizationHeader: organizationHeaderOf(env),
    organizationsPerUser: env.integer('ORGANIZATIONS_PER_USER', 20, 0, 100_000),
    organizationDeletionGraceSeconds: env.seconds('ORGANIZATION_DELETION_GRACE', '30d', '0s'),
    brand,
    templatesDir: env.text('TEMPLATES_DIR') ?? null,
    pageUrls: pageUrlsOf(env, isProduction),
    changePasswordUrl: pageUrlOf(env, 'CHANGE_PASSWORD_URL', isProduction),
    restApis: restApisOf(env),
    captcha: captchaOf(env, isProduction),
    trustedProxies: trustedProxiesOf(env, listen),
    clientIpHeader: clientIpHeaderOf(env),
    corsOrigins: corsOriginsOf(env),
    corsHeaders: corsHeadersOf(env),
    refreshCookie: refreshCookieOf(env, publicUrl),
    ...graphqlOf(env, isProduction, readFile),
    reference: referenceOf(env, isProduction),
    serviceClients: serviceClientsOf(env),
    shutdownDelaySeconds: env.seconds('SHUTDOWN_DELAY', '0s', '0s', '1d'),
    shutdownTimeoutSeconds: env.seconds('SHUTDOWN_TIMEOUT', '15s', '1s', '1d'),
    logLevel: env.oneOf('LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
    logSample: env.share('LOG_SAMPLE', 1),
    metrics: metricsOf(env, listen.port),
    tracing: tracingOf(env, isProduction),
  };
  if (isProduction && variables['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const problem =
      'must not be 0 in production: no certificate would be checked (NODE_EXTRA_CA_CERTS adds your own CA)';
    env.problems.push({ variable: 'NODE_TLS_REJECT_UNAUTHORIZED', problem });
  }
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  return Object.freeze(config);
}

function organizationHeaderOf(env: Environment): string {
  const name = (env.text('ORGANIZATION_HEADER') ?? 'x-organization-id').toLowerCase();
  // Must start with x-, so that it cannot be a header with another meaning.
  if (!/^x-[a-z0-9-]{1,60}$/.test(name))
    env.problem('ORGANIZATION_HEADER', 'must be a header name that starts with x-');
  return name;
}
