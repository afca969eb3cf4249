-- AlterTable
ALTER TABLE "users" ADD COLUMN     "is_passwordless" BOOLEAN NOT NULL DEFAULT false;
