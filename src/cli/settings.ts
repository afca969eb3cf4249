/** The settings and the log of a command. */
import { readFileSync } from 'node:fs';
import { type Config, parseConfig } from '#config/config.ts';
import { createLog, type Log } from '#outside/log.ts';
import type { Terminal } from './terminal.ts';

/** The settings of the service, from the command's environment. Fails with ConfigError. */
export function settingsOf(terminal: Terminal): Config {
  const config = parseConfig(terminal.env, (path) => readFileSync(path, 'utf8'), readFileSync);
  // A command hashes at most one password at a time.
  return { ...config, hash: { ...config.hash, slots: 1 } };
}

/** Warnings go to standard error; standard output is for results. */
export function logOf(terminal: Terminal, level: string): Log {
  return createLog(['debug', 'error', 'silent'].includes(level) ? level : 'warn', terminal.stderr);
}
