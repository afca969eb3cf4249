-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "used_elsewhere_at" TIMESTAMPTZ(3);
