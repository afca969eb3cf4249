/** After a change of SECRET, the stored secrets of authenticator apps are encrypted again, as the signing keys are. */
import { NIL } from 'uuid';
import { reseal } from '#core/sealed-text.ts';
import type { Secrets } from '#core/secrets.ts';
import type { PrismaDb } from '#outside/database.ts';

const BATCH = 500;

/**
 * Encrypts with SECRET what was encrypted with SECRET_PREVIOUS. Safe on several replicas at once, and when it is
 * stopped halfway. Returns how many no secret opens: those apps no longer work.
 */
export async function resealTotpSecrets(db: PrismaDb, secrets: Secrets): Promise<number> {
  let unreadable = 0;
  let after: string = NIL;
  for (;;) {
    const rows = await db.totpFactor.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: BATCH });
    for (const { id, secretJwe } of rows) {
      after = id;
      const resealed = await reseal(secretJwe, secrets.totpEncryption, secrets.previous?.totpEncryption);
      if (resealed === 'unreadable') unreadable += 1;
      else if (resealed !== null) {
        await db.totpFactor.updateMany({ where: { id, secretJwe }, data: { secretJwe: resealed } });
      }
    }
    if (rows.length < BATCH) return unreadable;
  }
}
