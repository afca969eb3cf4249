-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "amr" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "method" TEXT;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "password_reset_at" TIMESTAMPTZ(3);
