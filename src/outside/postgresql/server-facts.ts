/** What a database server says about itself, and whether Latchkey can work with it. */

/** The oldest PostgreSQL that is supported. */
const OLDEST_POSTGRESQL = 13;

/**
 * Engines that speak the protocol of PostgreSQL but are something else, recognized by what `version()` returns.
 * Latchkey relies on advisory locks, triggers, and isolation levels, which they lack or treat differently.
 */
const OTHER_ENGINES: readonly [name: string, sign: RegExp][] = [
  ['CockroachDB', /CockroachDB/i],
  ['YugabyteDB', /-YB-|Yugabyte/i],
  ['Amazon Redshift', /Redshift/i],
  ['Greenplum', /Greenplum|Cloudberry/i],
  ['Materialize', /Materialize/i],
  ['RisingWave', /RisingWave/i],
  ['CedarDB', /CedarDB/i],
  ['CrateDB', /CrateDB/i],
  ['QuestDB', /QuestDB/i],
  ['openGauss', /openGauss|GaussDB/i],
  ['Google Spanner', /Spanner/i],
];

export type ServerFacts = {
  /** What `version()` returns. */
  version: string;
  /** The setting `server_version`, such as `17.2`. */
  number: string;
  /** The setting `server_encoding`, such as `UTF8`. */
  encoding: string;
  isReadOnly: boolean;
};

/** Works on every engine, so that each can be named. */
export const READ_VERSION = 'SELECT version() AS version';
export const READ_FACTS = `
  SELECT version() AS version, current_setting('server_version') AS number,
         current_setting('server_encoding') AS encoding,
         current_setting('transaction_read_only') = 'on' AS "isReadOnly"`;

/** The name of the engine, if it is not PostgreSQL; null if it is. */
function otherEngineOf(version: string): string | null {
  const known = OTHER_ENGINES.find(([, sign]) => sign.test(version));
  if (known !== undefined) return known[0];
  return version.startsWith('PostgreSQL ') ? null : version.split(/[\s,]/).slice(0, 2).join(' ');
}

/** Why Latchkey cannot work with this engine, in one sentence; null if it can. */
export function engineProblem(version: string): string | null {
  const engine = otherEngineOf(version);
  return engine === null ? null : `It is ${engine}, not PostgreSQL. Latchkey is not known to work on it.`;
}

/** Why Latchkey cannot work with this database, in one sentence; null if it can. */
export function serverProblem({ version, number, encoding, isReadOnly }: ServerFacts): string | null {
  const engine = engineProblem(version);
  if (engine !== null) return engine;
  if (Number.parseInt(number, 10) < OLDEST_POSTGRESQL) {
    return `PostgreSQL ${number} is too old. Latchkey requires ${OLDEST_POSTGRESQL} or newer.`;
  }
  if (encoding !== 'UTF8') {
    return `Its encoding is ${encoding}, which cannot store every name. Create it with ENCODING 'UTF8'.`;
  }
  if (isReadOnly) return 'It is read-only. Latchkey needs the primary.';
  return null;
}
