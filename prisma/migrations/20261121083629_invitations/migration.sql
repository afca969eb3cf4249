-- AlterTable
ALTER TABLE "users" ADD COLUMN     "invitation_id" UUID;

-- CreateIndex
CREATE INDEX "users_invitation_id_idx" ON "users"("invitation_id");

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_invitation_id_fkey" FOREIGN KEY ("invitation_id") REFERENCES "invitations"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Of an organisation and an address one invitation waits at a time, expired or not. Prisma has no word for it.
CREATE UNIQUE INDEX "invitations_waiting_key" ON "invitations"("organization_id", "email")
  WHERE "accepted_at" IS NULL AND "declined_at" IS NULL AND "revoked_at" IS NULL;
