/**
 * Parameters for Prisma's own engine, which other tools add to URLs of PostgreSQL. Rejected, because they would have no
 * effect.
 */
const ADVICE: Record<string, string> = {
  schema: 'the tables are in the schema `public`; use a separate database for the service',
  connection_limit: 'set DATABASE_POOL_SIZE',
  pool_timeout: 'a request waits 2.5 s for a connection',
  pgbouncer: 'set DATABASE_POOLER=transaction',
  sslaccept: 'use sslmode',
  sslidentity: 'use sslmode, sslcert and sslkey',
  sslpassword: 'use sslmode, sslcert and sslkey',
};

/** What is wrong with each parameter of the URL that would be ignored. */
export function ignoredParameters(url: string): string[] {
  return [...new URLSearchParams(url.split('?')[1])].flatMap(([name, value]) => {
    const advice = ADVICE[name];
    if (advice === undefined || (name === 'schema' && value === 'public')) return [];
    return [`must not have the parameter ${name}: ${advice}`];
  });
}
