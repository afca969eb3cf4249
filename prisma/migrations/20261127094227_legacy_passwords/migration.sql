-- CreateTable
CREATE TABLE "legacy_passwords" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "legacy_passwords_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "legacy_passwords_digest_key" ON "legacy_passwords"("digest");

-- CreateIndex
CREATE INDEX "legacy_passwords_user_id_idx" ON "legacy_passwords"("user_id");

-- AddForeignKey
ALTER TABLE "legacy_passwords" ADD CONSTRAINT "legacy_passwords_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
