/**
 * How far behind a standby is. The time of the last transaction that it replayed does not say: on a primary where
 * nothing happens, that is old although nothing is missing. So the primary is asked regularly how long its write-ahead
 * log is. A standby that has replayed that much has everything that was committed until the question was sent.
 */

export type WalHistory = {
  /**
   * The log of the primary had this length when it was asked.
   * @param at when the question was sent, in milliseconds of `performance.now()`
   */
  note: (at: number, position: bigint) => void;
  /**
   * Until when everything is there that was committed, on a server that has replayed the log up to here; null if that
   * is before anyone asked.
   */
  completeUntil: (position: bigint) => number | null;
  /** Since when the primary has been asked; null if it never was. */
  since: () => number | null;
};

/** An hour of questions, one a second. */
const MAX_NOTES = 3600;

export function createWalHistory(): WalHistory {
  let notes: { at: number; position: bigint }[] = [];
  return {
    note: (at, position) => {
      const last = notes.at(-1);
      // A log that has become shorter is another one: of a server that took over, or of a restored backup.
      if (last !== undefined && position < last.position) notes = [];
      if (last?.position === position) last.at = at;
      else notes.push({ at, position });
      if (notes.length > MAX_NOTES) notes.shift();
    },
    completeUntil: (position) => notes.findLast((note) => note.position <= position)?.at ?? null,
    since: () => notes[0]?.at ?? null,
  };
}
