-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "reissued_generation" INTEGER,
ADD COLUMN     "used_generation" INTEGER NOT NULL DEFAULT 1;

-- Whether the tokens of older sessions were used is not known. They are treated as used.
UPDATE "sessions" SET "used_generation" = "generation" WHERE "ended_at" IS NULL;
