/**
 * Every metric of Latchkey, in the conventions of Prometheus: base units, `_total` for counters. docs/monitoring.md
 * explains each of them. `across` says how the values of several workers become one. Most are summed. What the workers
 * share, such as the email queue, each of them reports, and the largest value counts.
 *
 * A label holds nothing that a client chose and nothing about a person: only names from the code.
 */

export type Across = 'sum' | 'max' | 'min';

export const COUNTERS = {
  latchkey_requests_total: { help: 'Requests that were answered.', labels: ['operation', 'outcome'] },
  latchkey_sessions_opened_total: {
    help: 'Sessions that were opened, by how the person signed in.',
    labels: ['method'],
  },
  latchkey_sessions_ended_total: {
    help: 'Sessions that ended before they expired, by reason.',
    labels: ['reason'],
  },
  latchkey_emails_total: {
    help: 'Attempts to send an email, by outcome: sent, delayed, refused, or dropped.',
    labels: ['email', 'outcome'],
  },
  latchkey_clean_up_rows_total: { help: 'Rows that the clean-up removed.', labels: ['task'] },
  latchkey_clean_up_failures_total: { help: 'Clean-up tasks that failed.', labels: ['task'] },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;

export const DURATIONS = {
  latchkey_request_duration_seconds: {
    help: 'How long requests took, from their headers to the end of the response.',
    labels: ['operation'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
} as const;

/** Read at each scrape. `counter`: a total that is counted elsewhere. */
export const READINGS = {
  latchkey_budget_refusals_total: { help: 'Attempts that a budget refused.', label: 'budget', kind: 'counter' },
  latchkey_password_hashes_total: { help: 'Passwords that were hashed or compared.', kind: 'counter' },
  latchkey_password_hashes_refused_total: {
    help: 'Passwords that were not hashed because too many were waiting.',
    kind: 'counter',
  },
  latchkey_password_hashes_waiting: { help: 'Passwords waiting for a slot.', across: 'sum' },
  latchkey_password_hash_slots: { help: 'Passwords that can be hashed at once (HASH_SLOTS).', across: 'sum' },
  latchkey_database_up: { help: '1 if the database answered, otherwise 0.', across: 'min' },
  latchkey_database_connections: { help: 'Connections to PostgreSQL.', label: 'state', across: 'sum' },
  latchkey_database_connections_max: { help: 'Maximum number of connections (DATABASE_POOL_SIZE).', across: 'sum' },
  latchkey_database_connections_awaited: {
    help: 'Statements and transactions waiting for a connection.',
    across: 'sum',
  },
  latchkey_read_replica_used: { help: '1 if a read replica is read, otherwise 0.', label: 'replica', across: 'min' },
  latchkey_read_replica_lag_seconds: {
    help: 'How far a read replica is behind the primary.',
    label: 'replica',
    across: 'max',
  },
  latchkey_late_reads_total: {
    help: 'Reads that may lag behind the primary, by the server that answered.',
    label: 'server',
    kind: 'counter',
  },
  latchkey_emails_waiting: { help: 'Emails that are due and have not been sent yet.', across: 'max' },
  latchkey_emails_oldest_seconds: {
    help: 'How long the oldest waiting email has waited; 0 if none waits.',
    across: 'max',
  },
  latchkey_emails_dead: { help: 'Emails that were given up.', across: 'max' },
  latchkey_clean_up_age_seconds: { help: 'How long ago the last clean-up was completed.', across: 'max' },
  latchkey_signing_key_age_seconds: { help: 'How long the current key has been signing access tokens.', across: 'max' },
  latchkey_clock_skew_seconds: {
    help: 'Difference between the clock of this machine and that of the database.',
    across: 'max',
  },
  latchkey_workers: { help: 'Processes that answer requests.', across: 'sum' },
  latchkey_build_info: { help: 'Always 1; the label is the running version.', label: 'version', across: 'sum' },
} as const satisfies Record<string, { help: string; label?: string } & ({ kind: 'counter' } | { across: Across })>;

export type CounterName = keyof typeof COUNTERS;
export type ReadingName = keyof typeof READINGS;
/** The values that were read: a number, or for a metric with a label, one for each value of the label. */
export type Readings = Partial<Record<ReadingName, number | Readonly<Record<string, number>>>>;
