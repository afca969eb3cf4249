-- DropIndex
DROP INDEX "devices_trusted_until_idx";

-- AlterTable
ALTER TABLE "devices" ADD COLUMN     "generation" INTEGER NOT NULL DEFAULT 0,
ALTER COLUMN "trusted_until" DROP NOT NULL;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "known_device_id" UUID;

-- AlterTable
ALTER TABLE "throttles" ADD COLUMN     "succeeded_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "devices_last_seen_at_idx" ON "devices"("last_seen_at");
