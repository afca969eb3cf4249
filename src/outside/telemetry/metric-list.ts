/**
 * Every metric of ours, in the Prometheus conventions: base units, `_total` for counters. docs/monitoring.md explains
 * each of them. `across` says how several processes make one number: most add up; of what they share, such as the email
 * queue, each tells the same, and the largest counts.
 *
 * A label holds nothing that a client chose and nothing about a person: only names that are in the code.
 */

export type Across = 'sum' | 'max' | 'min';

export const COUNTERS = {
  latchkey_requests_total: { help: 'Requests that were answered.', labels: ['operation', 'outcome'] },
  latchkey_sessions_opened_total: {
    help: 'Sessions that were opened, by how the person signed in.',
    labels: ['method'],
  },
  latchkey_sessions_ended_total: {
    help: 'Sessions that were ended before their time was over, by why.',
    labels: ['reason'],
  },
  latchkey_emails_total: {
    help: 'Tries to send an email, by what became of it: sent, delayed, refused or dropped.',
    labels: ['email', 'outcome'],
  },
  latchkey_clean_up_rows_total: { help: 'Rows that the clean-up removed.', labels: ['task'] },
  latchkey_clean_up_failures_total: { help: 'Tasks of the clean-up that failed.', labels: ['task'] },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;

export const DURATIONS = {
  latchkey_request_duration_seconds: {
    help: 'How long requests took, from their headers to the end of the answer.',
    labels: ['operation'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
} as const;

/** Read when someone asks. `counter`: a total that is counted elsewhere. */
export const READINGS = {
  latchkey_budget_refusals_total: { help: 'Attempts that a budget refused.', label: 'budget', kind: 'counter' },
  latchkey_password_hashes_total: { help: 'Passwords that were hashed or compared.', kind: 'counter' },
  latchkey_password_hashes_refused_total: {
    help: 'Passwords that were not hashed because too many waited.',
    kind: 'counter',
  },
  latchkey_password_hashes_waiting: { help: 'Passwords that wait for a slot.', across: 'sum' },
  latchkey_password_hash_slots: { help: 'Passwords that can be hashed at once (HASH_SLOTS).', across: 'sum' },
  latchkey_database_up: { help: '1 if the database answered, else 0.', across: 'min' },
  latchkey_database_connections: { help: 'Connections to PostgreSQL.', label: 'state', across: 'sum' },
  latchkey_database_connections_max: { help: 'The most connections (DATABASE_POOL_SIZE).', across: 'sum' },
  latchkey_database_connections_awaited: { help: 'What waits for a connection.', across: 'sum' },
  latchkey_read_replica_used: { help: '1 if a read replica is read, else 0.', label: 'replica', across: 'min' },
  latchkey_read_replica_lag_seconds: {
    help: 'How far a read replica is behind the primary.',
    label: 'replica',
    across: 'max',
  },
  latchkey_late_reads_total: {
    help: 'What may be read late, by which server answered.',
    label: 'server',
    kind: 'counter',
  },
  latchkey_emails_waiting: { help: 'Emails that are due and not sent yet.', across: 'max' },
  latchkey_emails_oldest_seconds: { help: 'How long the oldest of them has waited; 0 if none waits.', across: 'max' },
  latchkey_emails_dead: { help: 'Emails that were given up.', across: 'max' },
  latchkey_clean_up_age_seconds: { help: 'How long ago the last clean-up was completed.', across: 'max' },
  latchkey_signing_key_age_seconds: { help: 'How long the current key has signed access tokens.', across: 'max' },
  latchkey_clock_skew_seconds: { help: 'How far the clock is from that of the database.', across: 'max' },
  latchkey_workers: { help: 'Processes that answer requests.', across: 'sum' },
  latchkey_build_info: { help: '1; the version that runs.', label: 'version', across: 'sum' },
} as const satisfies Record<string, { help: string; label?: string } & ({ kind: 'counter' } | { across: Across })>;

export type CounterName = keyof typeof COUNTERS;
export type ReadingName = keyof typeof READINGS;
/** What was read: a number or, of a metric with a label, a number for each of its values. */
export type Readings = Partial<Record<ReadingName, number | Readonly<Record<string, number>>>>;
