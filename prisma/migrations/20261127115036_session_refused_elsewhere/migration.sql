-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "refused_elsewhere_at" TIMESTAMPTZ(3);
