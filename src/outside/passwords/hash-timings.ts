/** How long comparisons with each kind of hash take on a slot, measured recently. */

export type HashTimings = {
  /** The median of this kind of hash in milliseconds; null if none was measured. */
  of(phc: string): number | null;
  note(phc: string, milliseconds: number): void;
  /** Forgets what was measured for this kind. */
  forget(phc: string): void;
};

/** How many measurements are kept for each kind of hash. */
const MEASUREMENTS = 31;

export function createHashTimings(): HashTimings {
  const measured = new Map<string, number[]>();
  return {
    of: (phc) => {
      const measurements = measured.get(kindOf(phc));
      return measurements === undefined ? null : medianOf(measurements);
    },
    note: (phc, milliseconds) => {
      const kind = kindOf(phc);
      measured.set(kind, [...(measured.get(kind) ?? []).slice(1 - MEASUREMENTS), milliseconds]);
    },
    forget: (phc) => void measured.delete(kindOf(phc)),
  };
}

/** The median, because a busy machine makes some measurements much too long. */
function medianOf(measurements: readonly number[]): number {
  return measurements.toSorted((a, b) => a - b)[measurements.length >> 1] ?? 0;
}

/**
 * The kind and cost of a hash: its text without salt and key. The database function `password_hash_kind` is the same.
 */
function kindOf(phc: string): string {
  return phc.replace(/[A-Za-z0-9+/.=]{11,}/g, '');
}
