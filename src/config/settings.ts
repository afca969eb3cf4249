/**
 * The one list of what can be set. The parser takes these names only; a test compares docs/settings.md and the names
 * in `.env.example` with it.
 */

/** Name, default as shown to people, meaning. */
export const SETTINGS = [
  [
    'NODE_ENV',
    'development',
    '`production` switches GraphiQL, introspection and the mailbox off and refuses unsafe settings',
  ],
  ['HOST', '127.0.0.1', 'address to listen on'],
  ['PORT', '4000', 'port to listen on'],
  [
    'KEEP_ALIVE_TIMEOUT',
    '75s',
    'how long a connection without a request stays open: longer than your load balancer keeps it (AWS ALB 60 s, Google Cloud 600 s)',
  ],
  [
    'PUBLIC_URL',
    'http://localhost:PORT',
    'where people reach the service: token issuer and base of every mailed link; required in production',
  ],
  ['DATA_DIR', '.data', 'embedded database and generated secret'],
  [
    'DATABASE_URL',
    'none: embedded database',
    'PostgreSQL, `postgresql://user:password@host:5432/name`; special characters percent-encoded',
  ],
  ['DATABASE_POOL_SIZE', '10', 'connections to PostgreSQL for each process'],
  [
    'SECRET',
    'generated into DATA_DIR when embedded',
    'master secret, at least 32 bytes; every key is derived from it or encrypted under it',
  ],
  ['SECRET_FILE', 'none', 'file that holds SECRET'],
  ['SECRET_PREVIOUS', 'none', 'the previous SECRET during a rotation: what was made with it is still accepted'],
  ['SECRET_PREVIOUS_FILE', 'none', 'file that holds SECRET_PREVIOUS'],
  [
    'SMTP_URL',
    'none: development mailbox',
    '`smtp://user:password@host:587` or `smtps://…`, special characters percent-encoded; required in production',
  ],
  ['MAIL_FROM', 'Latchkey <no-reply@HOST>, the host of PUBLIC_URL', 'sender of every email'],
  ['JWT_ALG', 'ES256', 'signature of access tokens: ES256, EdDSA, RS256 or HS256'],
  [
    'KEY_ROTATION',
    '90d',
    'how long a key signs access tokens before the next one takes over, at least 1h; `off` leaves it to `latchkey keys rotate`',
  ],
  ['ACCESS_TOKEN_TTL', '15m', 'life of an access token'],
  ['SESSION_IDLE_TTL', '14d', 'a session unused for this long ends'],
  ['SESSION_TTL', '30d', 'a session ends after this long however often it is used'],
  ['REFRESH_GRACE', '10s', 'how long a just-rotated refresh token gives the same successor again'],
  [
    'REAUTHENTICATION_WINDOW',
    '15m',
    'how long after a sign-in or `reauthenticate` sensitive operations ask for no new proof',
  ],
  ['ACCOUNT_DELETION_GRACE', '7d', 'how long a deleted account can be restored by the mailed link'],
  ['AUDIT_RETENTION', '365d', 'how long events stay in the audit log; at least 30d'],
  ['PASSWORD_MIN_LENGTH', '8', 'in characters; NIST SP 800-63B-4 recommends 15 where the password is the only factor'],
  ['HASH_MEMORY_KIB', '19456', 'argon2id memory'],
  ['HASH_ITERATIONS', '2', 'argon2id passes'],
  ['HASH_SLOTS', 'one a core', 'passwords hashed at once'],
  ['HASH_QUEUE', '256', 'passwords that may wait for a slot; beyond it the answer is SERVICE_BUSY'],
  ['USER_ROLES', 'customer,admin', 'platform roles; the first, not admin, is that of everybody who registers'],
  [
    'SELF_ASSIGNABLE_ROLES',
    'customer',
    'roles a person may choose when registering; the default only if it is one of USER_ROLES',
  ],
  [
    'ACCOUNT_DISCOVERY',
    'conceal',
    '`conceal`: GraphQL never tells whether an address has an account, the REST APIs do as they are documented; `reveal` answers a registration of a known address with EmailTakenError; with `conceal-everywhere` the REST APIs do not tell either',
  ],
  ['ORGANIZATION_HEADER', 'x-organization-id', 'request header that names the organization to act in'],
  ['ORGANIZATIONS_PER_USER', '20', 'organizations one person may own at a time'],
  [
    'INVITATION_URL',
    'none: our page at /accept-invitation',
    'page of your front end that mailed invitations link to; the token follows as `#token=…`',
  ],
  ['ORGANIZATION_DELETION_GRACE', '30d', 'how long a deleted organization can be restored'],
  [
    'REST_APIS',
    'connectx,organization,vault,token',
    'the documented REST APIs that are served, comma separated; `none` for GraphQL only',
  ],
  [
    'CAPTCHA_PROVIDER',
    'none',
    'turnstile, hcaptcha or recaptcha: who is asked whether a person wants the verification mail again (Vault API)',
  ],
  ['CAPTCHA_SECRET', 'none', 'secret of the site at the captcha provider'],
  [
    'CAPTCHA_VERIFY_URL',
    "the provider's",
    'another address of its siteverify, such as `https://www.recaptcha.net/recaptcha/api/siteverify`',
  ],
  ['TRUSTED_PROXIES', 'none', 'addresses or CIDRs whose CLIENT_IP_HEADER is believed, comma separated'],
  [
    'CLIENT_IP_HEADER',
    'x-forwarded-for',
    'the one header in which the proxies tell the client address: `x-forwarded-for`, `forwarded` (RFC 7239), or one of theirs such as `cf-connecting-ip`',
  ],
  ['CORS_ORIGINS', 'none: same origin', 'exact origins of browser front ends, comma separated; no `*`'],
  [
    'CORS_HEADERS',
    'none',
    'more request headers that these front ends may send, comma separated; those of Apollo, W3C Trace Context and Sentry are always allowed',
  ],
  [
    'COOKIE_SAME_SITE',
    'strict',
    'SameSite of the refresh cookie of browsers: `strict`, `lax`, or `none` for front ends of CORS_ORIGINS on another site',
  ],
  [
    'SERVICE_CLIENTS',
    'none: /oauth/introspect and /oauth/revoke are off',
    'services that may ask about and revoke tokens: `name:secret`, comma separated, each secret at least 32 characters',
  ],
  ['SERVICE_CLIENTS_FILE', 'none', 'file that holds SERVICE_CLIENTS, one a line'],
  ['GRAPHQL_INTROSPECTION', 'on, off in production', '`on` or `off`'],
  ['GRAPHIQL', 'on, off in production', '`on` or `off`'],
  [
    'SHUTDOWN_DELAY',
    '0s',
    'after SIGTERM, how long /readyz says no before the listener closes: what a load balancer needs to notice',
  ],
  ['LOG_LEVEL', 'info', 'debug, info, warn, error or silent'],
] as const satisfies readonly (readonly [string, string, string])[];

/** The name of a setting. */
export type Variable = (typeof SETTINGS)[number][0];
