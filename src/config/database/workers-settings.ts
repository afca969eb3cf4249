/** How many processes answer on one port. */
import { availableParallelism } from 'node:os';
import type { Environment } from '../environment.ts';
import type { ListenConfig } from '../network/listen-settings.ts';

/** More than one needs what processes can share: PostgreSQL, and a mail server. */
export function workersOf(env: Environment, { isUnixSocket }: ListenConfig): number {
  const isAuto = env.text('WORKERS') === 'auto';
  const workers = isAuto ? availableParallelism() : env.integer('WORKERS', 1, 1, 256);
  if (!isAuto && workers === 1) return 1;
  if (!env.isGiven('DATABASE_URL')) {
    env.problem('WORKERS', 'requires DATABASE_URL: the embedded database belongs to one process');
  }
  if (!env.isGiven('SMTP_URL')) {
    env.problem('WORKERS', 'requires SMTP_URL: each process would have a development mailbox of its own');
  }
  if (isUnixSocket) env.problem('WORKERS', 'must be 1 with a Unix socket in HOST');
  return workers;
}
