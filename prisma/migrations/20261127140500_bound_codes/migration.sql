-- AlterTable
ALTER TABLE "challenges" ADD COLUMN     "is_bound" BOOLEAN NOT NULL DEFAULT false;
