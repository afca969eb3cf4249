/**
 * The list of all settings. The parser accepts only these names; a test compares docs/settings.md and `.env.example`
 * with it.
 */
import { MONITORING_SETTINGS } from './settings/monitoring-settings.ts';
import { PAGE_SETTINGS } from './settings/page-settings.ts';

/** Name, default as shown in the docs, meaning. */
export const SETTINGS = [
  [
    'NODE_ENV',
    'development',
    '`production` turns off GraphiQL, introspection, the API reference, and the mailbox, and refuses unsafe settings',
  ],
  ['HOST', '127.0.0.1', 'address to listen on, or the path of a Unix socket, such as `/run/latchkey/http.sock`'],
  ['PORT', '4000', 'port to listen on; not with a Unix socket'],
  [
    'TLS_CERT',
    'none: plain HTTP',
    'PEM file of the certificate with its intermediates, to serve https; read again at SIGHUP and once a minute',
  ],
  ['TLS_KEY', 'none', 'PEM file of the private key of TLS_CERT'],
  [
    'WORKERS',
    '1',
    'processes that answer on PORT: a number, or `auto` for one per core; requires DATABASE_URL and SMTP_URL, see [Operations](operations.md#workers)',
  ],
  [
    'KEEP_ALIVE_TIMEOUT',
    '75s',
    'how long an idle connection stays open; set it longer than the timeout of your load balancer (AWS ALB 60 s, Google Cloud 600 s)',
  ],
  [
    'PUBLIC_URL',
    'http://localhost:PORT',
    'where people reach the service: token issuer and base of every link in emails; required in production',
  ],
  [
    'HSTS',
    'on if PUBLIC_URL starts with https://',
    'tells browsers to use only https for a year: `on` for the host of PUBLIC_URL, `include-subdomains` for every host below it as well, or `off`, for example because your proxy does',
  ],
  ['DATA_DIR', '.data', 'embedded database and generated secret'],
  [
    'DATABASE_URL',
    'none: embedded database',
    'PostgreSQL, `postgresql://user:password@host:5432/name`, or with several hosts, `h1:5432,h2:5432`, of which the primary is used; special characters percent-encoded',
  ],
  ['DATABASE_URL_FILE', 'none', 'file that contains DATABASE_URL'],
  [
    'DATABASE_DIRECT_URL',
    'none: DATABASE_URL',
    'the same database as a role that owns the tables and without a pooler, used for migrations only; the role of DATABASE_URL then needs no right to change the schema',
  ],
  ['DATABASE_DIRECT_URL_FILE', 'none', 'file that contains DATABASE_DIRECT_URL'],
  ['DATABASE_POOL_SIZE', '10', 'connections to PostgreSQL per process'],
  [
    'DATABASE_POOLER',
    'none',
    '`transaction`: DATABASE_URL leads to PgBouncer or another pooler in transaction mode; requires DATABASE_DIRECT_URL',
  ],
  [
    'DATABASE_REPLICA_URLS',
    'none',
    'read replicas of DATABASE_URL: streaming standbys, as URLs separated by commas or spaces; they answer reads that may lag behind, see [Operations](operations.md#read-replicas)',
  ],
  ['DATABASE_REPLICA_URLS_FILE', 'none', 'file that contains DATABASE_REPLICA_URLS'],
  ['DATABASE_REPLICA_POOL_SIZE', '4', 'connections to each read replica per process'],
  [
    'DATABASE_REPLICA_MAX_LAG',
    '30s',
    'a read replica that is further behind is not read, and the primary answers instead',
  ],
  ['DATABASE_WAIT', '30s', 'how long a start waits for PostgreSQL to accept connections'],
  ['MIGRATION_WAIT', '10m', 'how long a start waits while another process migrates the database'],
  [
    'SECRET',
    'generated into DATA_DIR when embedded',
    'master secret, at least 32 bytes; every key is derived from it or encrypted with it',
  ],
  ['SECRET_FILE', 'none', 'file that contains SECRET'],
  ['SECRET_PREVIOUS', 'none', 'the previous SECRET during a rotation: what was made with it is still accepted'],
  ['SECRET_PREVIOUS_FILE', 'none', 'file that contains SECRET_PREVIOUS'],
  [
    'SMTP_URL',
    'none: development mailbox',
    '`smtp://user:password@host:587` or `smtps://…`, special characters percent-encoded; required in production',
  ],
  ['SMTP_URL_FILE', 'none', 'file that contains SMTP_URL'],
  [
    'MAILBOX',
    'local',
    'who can open the development mailbox, which has every email: `local`, people on this machine, which HOST and PUBLIC_URL have to be; or `on`, anyone who reaches the service',
  ],
  [
    'MAIL_FROM',
    'APP_NAME <no-reply@HOST>, the host of PUBLIC_URL',
    'sender of every email, `Name <address>`; an address alone gets APP_NAME as its name',
  ],
  ...PAGE_SETTINGS,
  ['JWT_ALG', 'ES256', 'signature of access tokens: ES256, EdDSA, PS256, RS256 or HS256'],
  [
    'KEY_ROTATION',
    '90d',
    'how long a key signs access tokens before the next one takes over, at least 1h; with `off`, use `latchkey keys rotate`',
  ],
  ['ACCESS_TOKEN_TTL', '15m', 'lifetime of an access token'],
  [
    'TOKEN_AUDIENCE',
    'none: PUBLIC_URL only',
    'other services in the claim `aud` of every access token, comma-separated; see [Other services](other-services.md#the-audience)',
  ],
  [
    'TOKEN_CLAIMS',
    'none',
    'more claims of access tokens, as JSON: `{"name":"{user.name}"}`; see [Other services](other-services.md#more-claims)',
  ],
  ['SESSION_IDLE_TTL', '14d', 'a session unused for this long ends'],
  ['SESSION_TTL', '30d', 'a session ends after this long, even if it is in use'],
  [
    'REFRESH_GRACE',
    '10s',
    'how long a spent refresh token still returns its successor after that was used, for parallel tabs',
  ],
  ['REAUTHENTICATION_WINDOW', '15m', 'how long after a sign-in or `reauthenticate` sensitive operations are allowed'],
  ['ACCOUNT_DELETION_GRACE', '7d', 'how long a deleted account can be restored with the link in the email'],
  [
    'AUDIT_LOG',
    'off',
    '`on` also writes each event of the audit log as a log line, after its commit and whatever LOG_LEVEL is',
  ],
  ['AUDIT_RETENTION', '365d', 'how long events stay in the audit log, and at most a month longer; at least 30d'],
  [
    'LEGACY_PASSWORDS',
    'off',
    '`on`: people can make passwords for REST clients that cannot ask for a second factor; see [Clients that cannot be changed](second-factors.md#clients-that-cannot-be-changed)',
  ],
  [
    'SIGN_IN_METHODS',
    'password,email',
    'how people can sign in, comma-separated: `password`, and `email` with a code or link; without `password`, nobody can set, reset, or enter a password, and existing ones are ignored',
  ],
  [
    'REQUIRE_SECOND_FACTOR',
    'never, admins in production',
    'who needs a second factor to act for others: nobody (`never`), `admins` (the platform role), or `everyone` (also in organizations); setting one up always works',
  ],
  ['PASSWORD_MIN_LENGTH', '8', 'in characters; NIST SP 800-63B-4 recommends 15 if the password is the only factor'],
  [
    'PASSWORD_LIST',
    'none',
    'file with more passwords and words that are too common, one per line, such as the names of your products',
  ],
  [
    'BREACH_CHECK',
    'off',
    '`on`: a new password that is known from a data breach is refused; only 5 digits of its hash leave the service, see [Operations](operations.md#breached-passwords)',
  ],
  [
    'BREACH_CHECK_URL',
    'https://api.pwnedpasswords.com/range/',
    'a mirror that speaks the same protocol; https:// in production, unless it is on this machine',
  ],
  ['HASH_MEMORY_KIB', '19456', 'argon2id memory'],
  ['HASH_ITERATIONS', '2', 'argon2id passes'],
  ['HASH_SLOTS', 'one per core', 'passwords hashed at once, per process; with WORKERS, the cores are divided'],
  ['HASH_QUEUE', '256', 'passwords that may wait for a slot; beyond that, requests fail with SERVICE_BUSY'],
  ['USER_ROLES', 'customer,admin', 'platform roles; everyone who registers gets the first, which must not be admin'],
  [
    'SELF_ASSIGNABLE_ROLES',
    'customer',
    'roles that people may choose when they register; the default applies only if it is one of USER_ROLES',
  ],
  [
    'ACCOUNT_DISCOVERY',
    'conceal',
    '`conceal`: GraphQL never reveals whether an email address has an account, the REST APIs do as documented; `reveal`: registering a known address fails with EmailTakenError; `conceal-everywhere`: the REST APIs do not reveal it either',
  ],
  [
    'EMAIL_DOMAINS_BLOCKED',
    'none',
    'domains whose addresses nobody can register, change to, or be invited at, such as a list of disposable ones; comma-separated, each with its subdomains',
  ],
  [
    'EMAIL_DOMAINS_BLOCKED_FILE',
    'none',
    'file that contains EMAIL_DOMAINS_BLOCKED, one per line; `#` begins a comment',
  ],
  ['EMAIL_DOMAINS_ALLOWED', 'none: every domain', 'the only domains of such addresses, each with its subdomains'],
  ['EMAIL_DOMAINS_ALLOWED_FILE', 'none', 'file that contains EMAIL_DOMAINS_ALLOWED, one per line'],
  ['ORGANIZATION_HEADER', 'x-organization-id', 'request header that names the organization to act in'],
  ['ORGANIZATIONS_PER_USER', '20', 'organizations that one person may own'],
  ['ORGANIZATION_DELETION_GRACE', '30d', 'how long a deleted organization can be restored'],
  [
    'REST_APIS',
    'connectx,organization,vault,token',
    'the documented REST APIs to serve, comma-separated; `none` for GraphQL only',
  ],
  [
    'CAPTCHA_PROVIDER',
    'none',
    'turnstile, hcaptcha, or recaptcha: the captcha required to request the verification email again (Vault API) and a sign-in email',
  ],
  ['CAPTCHA_SECRET', 'none', 'secret key of your site at the captcha provider'],
  ['CAPTCHA_SECRET_FILE', 'none', 'file that contains CAPTCHA_SECRET'],
  [
    'CAPTCHA_VERIFY_URL',
    "the provider's",
    'a different siteverify URL, such as `https://www.recaptcha.net/recaptcha/api/siteverify`',
  ],
  [
    'TRUSTED_PROXIES',
    'none',
    'IP addresses or CIDRs of the proxies whose CLIENT_IP_HEADER is trusted, comma-separated; `unix` for those that connect to the Unix socket',
  ],
  [
    'CLIENT_IP_HEADER',
    'x-forwarded-for',
    'the header in which the proxies pass the client IP address: `x-forwarded-for`, `forwarded` (RFC 7239), or their own, such as `cf-connecting-ip`',
  ],
  ['CORS_ORIGINS', 'none: same origin', 'exact origins of browser front ends, comma-separated; no `*`'],
  [
    'CORS_HEADERS',
    'none',
    'additional request headers that these front ends may send, comma-separated; those of Apollo, W3C Trace Context, and Sentry are always allowed',
  ],
  [
    'COOKIE_SAME_SITE',
    'strict',
    'SameSite attribute of the refresh cookie: `strict`, `lax`, or `none` for front ends of CORS_ORIGINS on another site',
  ],
  [
    'SERVICE_CLIENTS',
    'none: /oauth/introspect and /oauth/revoke are off',
    'services that may introspect and revoke tokens: `name:secret`, comma-separated, each secret at least 32 characters long',
  ],
  ['SERVICE_CLIENTS_FILE', 'none', 'file that contains SERVICE_CLIENTS, one per line'],
  [
    'SERVICES',
    'none',
    'services for which people can get a token that is valid nowhere else: `name:URL`, comma-separated; see [Other services](other-services.md#a-token-for-one-service)',
  ],
  ['GRAPHQL_INTROSPECTION', 'on, off in production', '`on` or `off`; also off with PERSISTED_OPERATIONS'],
  ['GRAPHIQL', 'on, off in production', '`on` or `off`; also off with PERSISTED_OPERATIONS'],
  [
    'PERSISTED_OPERATIONS',
    'none: any operation',
    'files with the only GraphQL operations that run, comma-separated; see [Only your own operations](graphql-api.md#only-your-own-operations)',
  ],
  ['GRAPHQL_COST', 'off', '`on`: GraphQL answers say in `extensions.cost` how much of each limit the operation used'],
  [
    'FEDERATION',
    'off',
    '`on` or `off`: serve `_service` and `_entities`, as a subgraph behind a GraphQL gateway (Apollo Federation 2)',
  ],
  [
    'API_REFERENCE',
    'on, off in production',
    '`on` or `off`: /docs, where people try the REST APIs, and /openapi.json; both are public and on the origin of the refresh cookie',
  ],
  [
    'SHUTDOWN_DELAY',
    '0s',
    'after SIGTERM, how long /readyz fails before the listener closes, so that a load balancer notices',
  ],
  [
    'SHUTDOWN_TIMEOUT',
    '15s',
    'after that delay, how long requests in progress and connections may take to end; then the process ends anyway',
  ],
  ...MONITORING_SETTINGS,
] as const satisfies readonly (readonly [string, string, string])[];

/** The name of a setting. */
export type Variable = (typeof SETTINGS)[number][0];
