/** One text of the metrics of several workers, each added up as metric-list.ts says. */
import { AggregatorRegistry } from 'prom-client';

/** @param snapshots of `Metrics.snapshot`, one of each worker */
export async function aggregate(snapshots: readonly object[][]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}
