-- CreateEnum
CREATE TYPE "identifier_kind" AS ENUM ('USERNAME', 'PHONE');

-- AlterTable
ALTER TABLE "challenges" ADD COLUMN     "brings_back" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "phone" TEXT,
ADD COLUMN     "username" TEXT;

-- CreateTable
CREATE TABLE "former_identifiers" (
    "value" TEXT NOT NULL,
    "kind" "identifier_kind" NOT NULL,
    "user_id" UUID NOT NULL,
    "held_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "former_identifiers_pkey" PRIMARY KEY ("value")
);

-- CreateIndex
CREATE INDEX "former_identifiers_user_id_kind_idx" ON "former_identifiers"("user_id", "kind");

-- CreateIndex
CREATE INDEX "former_identifiers_held_until_idx" ON "former_identifiers"("held_until");

-- AddForeignKey
ALTER TABLE "former_identifiers" ADD CONSTRAINT "former_identifiers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Links that are on their way already bring back what the account has now.
UPDATE "challenges" c SET "brings_back" = true, "username" = u.username, "phone" = u.phone
  FROM users u WHERE u.id = c.user_id AND c.purpose = 'undo-email-change';
