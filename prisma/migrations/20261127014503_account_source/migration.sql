-- CreateEnum
CREATE TYPE "AccountSource" AS ENUM ('REGISTRATION', 'OPERATOR', 'IMPORT');

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "source" "AccountSource" NOT NULL DEFAULT 'OPERATOR';

-- Until now only the audit log knew. Accounts it says nothing about were put in by hand, or are older than it is: they
-- count as an operator's, so that no stranger can replace them.
UPDATE "users" u SET "source" = 'REGISTRATION'
 WHERE EXISTS (SELECT 1 FROM audit_events e WHERE e.subject_id = u.id AND e.name = 'register.completed');
UPDATE "users" u SET "source" = 'IMPORT'
 WHERE EXISTS (SELECT 1 FROM audit_events e WHERE e.subject_id = u.id AND e.name = 'import_user.completed');
