/** Combines the metrics of several workers, each as metric-list.ts says. Returns the text format of Prometheus. */
import { AggregatorRegistry } from 'prom-client';

/** @param snapshots of `Metrics.snapshot`, one of each worker */
export async function aggregate(snapshots: readonly object[][]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}
