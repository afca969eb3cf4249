/**
 * Removes expired data, and wraps weak hashes. Every 15 minutes, one replica runs the tasks of this list in order, each
 * in batches until nothing is left. A task that fails is logged and retried in the next run; the others still run.
 */
import type { PgBoss } from 'pg-boss';
import { purgeDeletedAccounts } from '#capabilities/clean-up/account-purge.ts';
import { removeAuditEvents, turnAuditMonths } from '#capabilities/clean-up/audit-retention.ts';
import { removeOrganizations } from '#capabilities/clean-up/ended-organizations.ts';
import {
  removeChallenges,
  removeDevices,
  removeFormerFactors,
  removeFormerIdentifiers,
  removeFormerSlugs,
  removeInvitations,
  removeSessions,
  removeThrottles,
  removeUnverifiedAccounts,
  removeUsedProofs,
} from '#capabilities/clean-up/expired-rows.ts';
import { completeSecondFactorResets } from '#capabilities/second-factor-reset/second-factor-reset.ts';
import { type Ctx, contextWithoutRequest, type Parts } from '#core/context.ts';
import { wrapStoredHashes } from '#core/passwords/weak-hashes.ts';
import { DAY_SECONDS } from '#core/time.ts';
import { logFault } from '#errors/outage.ts';

/** The name of each task, and the function that does one batch and returns its size; 0 ends the task. */
const TASKS: readonly (readonly [string, (ctx: Ctx) => Promise<number>])[] = [
  ['sessions', removeSessions],
  ['challenges', removeChallenges],
  ['used proofs', removeUsedProofs],
  ['throttles', removeThrottles],
  ['former slugs', removeFormerSlugs],
  ['former identifiers', removeFormerIdentifiers],
  ['invitations', removeInvitations],
  ['second factor resets', completeSecondFactorResets],
  ['removed factors', removeFormerFactors],
  ['devices', removeDevices],
  ['organizations', removeOrganizations],
  ['deleted accounts', purgeDeletedAccounts],
  ['unverified accounts', removeUnverifiedAccounts],
  ['months of the audit log', turnAuditMonths],
  ['audit events', removeAuditEvents],
  // Last, because it takes long after an import of many weak ones by an earlier version.
  ['weak password hashes', wrapStoredHashes],
];

/** The most batches per task in one run; the rest waits for the next run. */
const MAX_BATCHES = 200;
const QUEUE = 'clean-up';
const EVERY_QUARTER_OF_AN_HOUR = '*/15 * * * *';

/** Schedules a run every 15 minutes. While one is running on any replica, no other starts. */
export async function scheduleCleanUp(boss: PgBoss, parts: Parts): Promise<void> {
  // `exclusive`: at most one job, waiting or running. If the process is killed, the next starts when this one expires.
  await boss.createQueue(QUEUE, {
    policy: 'exclusive',
    retryLimit: 0,
    expireInSeconds: 900,
    deleteAfterSeconds: DAY_SECONDS,
  });
  await boss.schedule(QUEUE, EVERY_QUARTER_OF_AN_HOUR);
  await boss.work(QUEUE, { pollingIntervalSeconds: 5, batchSize: 1 }, async () => {
    await cleanUp(parts);
  });
}

/** Runs all tasks once. Returns how many rows each of them removed or changed. */
export async function cleanUp(parts: Parts): Promise<Record<string, number>> {
  const ctx = contextWithoutRequest(parts, 'schedule');
  const removed: Record<string, number> = {};
  for (const [name, removeBatch] of TASKS) {
    try {
      const rows = await untilNothingIsLeft(() => removeBatch(ctx));
      removed[name] = rows;
      parts.metrics?.cleanedUp(name, rows);
    } catch (error) {
      parts.metrics?.cleanUpFailed(name);
      logFault(parts.log, error, { task: name }, 'clean-up failed');
    }
  }
  if (Object.values(removed).some((count) => count > 0)) parts.log.info({ removed }, 'clean-up');
  return removed;
}

async function untilNothingIsLeft(removeBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const count = await removeBatch();
    if (count === 0) break;
    total += count;
  }
  return total;
}
