/** Shows progress on standard error: one line that is rewritten on a terminal, or a new line every few seconds. */
import type { Terminal } from '../terminal.ts';

const TERMINAL_INTERVAL_MS = 100;
const FILE_INTERVAL_MS = 5000;

export type Progress = {
  /** Shows the text, unless the last one was shown a moment ago. */
  show: (text: string) => void;
  /** Clears the line on a terminal, before something else is printed. */
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
