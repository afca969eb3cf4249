/** Opens what a command works on, and closes it however the command ends. */
import type { Ctx } from '#core/context.ts';
import { type OpenParts, openParts } from '../parts.ts';
import { operatorContext } from './operator.ts';
import { logOf, settingsOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `work` with the database, keys and mail queue of the settings, beside services on the same PostgreSQL. The
 * embedded database allows one process: fails with DatabaseInUseError while a service has it open.
 */
export async function withParts<T>(terminal: Terminal, work: (opened: OpenParts) => Promise<T>): Promise<T> {
  const config = settingsOf(terminal);
  const log = logOf(terminal, config.logLevel);
  const opened = await openParts(config, { log, supervisesJobs: false, tendsKeys: false });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** Like `withParts`, for use cases: `work` gets the context of an operator. */
export async function withOperator<T>(terminal: Terminal, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  return withParts(terminal, ({ parts }) => work(operatorContext(parts)));
}
