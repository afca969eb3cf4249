-- AlterTable
ALTER TABLE "challenges" ADD COLUMN     "session_id" UUID;
