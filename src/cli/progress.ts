/** Tells on standard error how far long work has come: one line that changes on a terminal, a new one now and then else. */
import type { Terminal } from './terminal.ts';

const TERMINAL_INTERVAL_MS = 100;
const FILE_INTERVAL_MS = 5000;

export type Progress = {
  /** Shown if the last one is long enough ago. */
  show: (text: string) => void;
  /** Clears the line on a terminal, so that what follows has it for itself. */
  done: () => void;
};

export function createProgress({ stderr }: Terminal): Progress {
  const isTerminal = stderr.isTTY === true;
  const interval = isTerminal ? TERMINAL_INTERVAL_MS : FILE_INTERVAL_MS;
  let shownAt = performance.now();
  return {
    show: (text) => {
      if (performance.now() - shownAt < interval) return;
      shownAt = performance.now();
      stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
    },
    done: () => {
      if (isTerminal) stderr.write('\r\x1b[K');
    },
  };
}
