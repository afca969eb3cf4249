-- AlterTable
ALTER TABLE "throttles" ADD COLUMN     "refused_at" TIMESTAMPTZ(3);
