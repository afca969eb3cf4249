/** Finds organizations that would be left without an owner. */
import type { Ctx } from '#core/context.ts';

/**
 * The organizations that have other members but no other owner who stays and can sign in. Locks all organizations that
 * the user owns until the end of the transaction: of two owners who leave at once, the second counts as the last one.
 */
export async function soleOwnerships(tx: Ctx, userId: string): Promise<string[]> {
  await tx.db.$queryRaw`
    SELECT 1 FROM organizations o JOIN memberships m ON m.organization_id = o.id
     WHERE m.user_id = ${userId}::uuid AND m.role = 'OWNER'
     ORDER BY o.id FOR NO KEY UPDATE OF o`;
  const rows = await tx.db.$queryRaw<{ id: string }[]>`
    SELECT m.organization_id AS id FROM memberships m
     WHERE m.user_id = ${userId}::uuid AND m.role = 'OWNER'
       AND EXISTS (SELECT 1 FROM memberships o JOIN users u ON u.id = o.user_id
                    WHERE o.organization_id = m.organization_id AND o.user_id <> m.user_id AND u.deletes_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM memberships o JOIN users u ON u.id = o.user_id
                        WHERE o.organization_id = m.organization_id AND o.user_id <> m.user_id
                          AND o.role = 'OWNER' AND u.deletes_at IS NULL AND u.disabled_at IS NULL)
     ORDER BY m.organization_id`;
  return rows.map(({ id }) => id);
}
