/**
 * The settings of every session with PostgreSQL, and a check that they are in effect. A pooler easily loses them
 * silently: times would be hours off, and nothing would end a statement that hangs.
 */
import type pg from 'pg';
import { OperatorError } from '#errors/operator-error.ts';

const SECOND = 1000;
/** For a lock that another session holds on a row or a table. */
const LOCK_WAIT_MS = 2 * SECOND;
/** An idle open transaction holds locks; the transactions of this service end within 15 s. */
const IDLE_TRANSACTION_MS = 20 * SECOND;
/** The client waits a little longer than the server, whose error is better: it says that nothing was changed. */
const CLIENT_EXTRA_MS = SECOND;
const CHECK_MS = 1.5 * SECOND;

export type SessionSettings = {
  /** The configuration for `pg`, without the settings. */
  client: pg.ClientConfig;
  /** After how many milliseconds a connection without an answer is cut; null for never. */
  answerMs: number | null;
  /** Names and values as PostgreSQL knows them. */
  settings: ReadonlyMap<string, string>;
};

/** There is a pooler in between, but DATABASE_POOLER does not say so. */
export class PoolerError extends OperatorError {
  constructor(symptom: string) {
    super(
      `The connection pooler at DATABASE_URL ${symptom}. Set DATABASE_POOLER=transaction, ` +
        'and DATABASE_DIRECT_URL to the same database without the pooler.',
    );
  }
}

/**
 * Combines the settings in the operator's URL with ours. Timeouts in the URL (`options=-c lock_timeout=…`) take
 * precedence; the time zone must be UTC.
 * @param statementTimeout in milliseconds; 0 waits forever, also for locks
 */
export function sessionSettingsOf(url: string, statementTimeout: number): SessionSettings {
  const target = new URL(url);
  const given = target.searchParams.get('options') ?? '';
  target.searchParams.delete('options');
  const isLimited = statementTimeout > 0;
  const settings = new Map([
    ['statement_timeout', String(statementTimeout)],
    ['lock_timeout', String(isLimited ? LOCK_WAIT_MS : 0)],
    ['idle_in_transaction_session_timeout', String(isLimited ? IDLE_TRANSACTION_MS : 0)],
    ...[...given.matchAll(/(?:-c\s*|--)([\w.-]+)=((?:\\.|\S)*)/g)].map(
      ([, name = '', value = '']): [string, string] => [name.replaceAll('-', '_'), value.replace(/\\(.)/g, '$1')],
    ),
    ['TimeZone', 'UTC'],
  ]);
  // An operator who sets the server's limit sets the client's as well: `query_timeout` in the URL.
  const isOurs = isLimited && !given.includes('statement_timeout');
  return {
    client: { connectionString: target.href },
    answerMs: isOurs ? statementTimeout + CLIENT_EXTRA_MS : null,
    settings,
  };
}

/** The settings as start-up options of a session. */
export function asOptions({ settings }: SessionSettings): string {
  return [...settings].map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`).join(' ');
}

/** Statements that begin a transaction with the settings, whatever session it runs in. */
export function asTransactionStart({ settings }: SessionSettings): string {
  const local = [...settings].map(([name, value]) => `SET LOCAL ${name} = '${value.replaceAll("'", "''")}'`);
  return ['BEGIN', ...local].join('; ');
}

const CHECK = `
  SELECT current_setting('TimeZone') AS zone, current_setting('transaction_read_only') = 'on' AS "isReadOnly",
         (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::float8 AS "statementMs"`;

/** Fails with PoolerError unless the settings are in effect. Returns whether the server is read-only. */
export async function checkSession(
  client: pg.ClientBase,
  { settings }: SessionSettings,
): Promise<{ isReadOnly: boolean }> {
  const question = { text: CHECK, query_timeout: CHECK_MS };
  const { rows } = await client.query<{ zone: string; isReadOnly: boolean; statementMs: number }>(question);
  const [found] = rows;
  if (found === undefined) throw new Error('The server returned no row');
  if (found.zone !== 'UTC') throw new PoolerError(`loses the time zone: it is ${found.zone} instead of UTC`);
  const wanted = Number(settings.get('statement_timeout'));
  // Only 0 is compared, because an operator may have written the value with a unit.
  if (wanted > 0 && found.statementMs === 0) throw new PoolerError('loses the timeouts');
  return { isReadOnly: found.isReadOnly };
}
