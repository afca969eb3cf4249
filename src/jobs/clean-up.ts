/**
 * Removes what has had its time: every quarter of an hour one replica runs the tasks of this list one after the other,
 * each in batches of its own until nothing is left. A task that fails is logged and tried again the next time; the
 * others run all the same.
 */
import type { PgBoss } from 'pg-boss';
import { purgeDeletedAccounts } from '#capabilities/clean-up/account-purge.ts';
import { removeOrganizations } from '#capabilities/clean-up/ended-organizations.ts';
import {
  removeAuditEvents,
  removeChallenges,
  removeFormerSlugs,
  removeInvitations,
  removeSessions,
  removeThrottles,
  removeUnverifiedAccounts,
} from '#capabilities/clean-up/expired-rows.ts';
import { type Ctx, contextWithoutRequest, type Parts } from '#core/context.ts';
import { DAY_SECONDS } from '#core/time.ts';

/** Name, and what removes one batch and gives its size; 0 ends the task. */
const TASKS: readonly (readonly [string, (ctx: Ctx) => Promise<number>])[] = [
  ['sessions', removeSessions],
  ['challenges', removeChallenges],
  ['throttles', removeThrottles],
  ['former slugs', removeFormerSlugs],
  ['invitations', removeInvitations],
  ['organizations', removeOrganizations],
  ['deleted accounts', purgeDeletedAccounts],
  ['unverified accounts', removeUnverifiedAccounts],
  ['audit events', removeAuditEvents],
];

/** Batches of a task in one run; what is left then waits for the next. */
const MAX_BATCHES = 200;
const QUEUE = 'clean-up';
const EVERY_QUARTER_OF_AN_HOUR = '*/15 * * * *';

/** Has the queue start a run every quarter of an hour; while one is under way, on whatever replica, no other starts. */
export async function scheduleCleanUp(boss: PgBoss, parts: Parts): Promise<void> {
  // `exclusive`: one job at most, waiting or running. After a kill -9 the next one may start when this one has expired.
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

/** One run; gives how many rows each task removed. */
export async function cleanUp(parts: Parts): Promise<Record<string, number>> {
  const ctx = contextWithoutRequest(parts, 'schedule');
  const removed: Record<string, number> = {};
  for (const [name, removeBatch] of TASKS) {
    try {
      removed[name] = await untilNothingIsLeft(() => removeBatch(ctx));
    } catch (error) {
      parts.log.error({ err: error, task: name }, 'clean-up failed');
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
