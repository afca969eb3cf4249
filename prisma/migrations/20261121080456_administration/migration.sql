-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "origin" TEXT NOT NULL DEFAULT 'request';

-- CreateIndex
CREATE INDEX "users_role_created_at_id_idx" ON "users"("role", "created_at", "id");

-- CreateIndex
CREATE INDEX "users_disabled_at_idx" ON "users"("disabled_at");

-- CreateIndex
CREATE INDEX "users_email_verified_at_idx" ON "users"("email_verified_at");

-- Searching by how something begins, whatever the case. On expressions, all four alike: Prisma has no word for these.
CREATE INDEX "users_email_prefix_idx" ON "users"(lower("email") text_pattern_ops);
CREATE INDEX "users_username_prefix_idx" ON "users"(lower("username") text_pattern_ops);
CREATE INDEX "users_phone_prefix_idx" ON "users"(lower("phone") text_pattern_ops);
CREATE INDEX "users_name_prefix_idx" ON "users"(lower("name") text_pattern_ops);

-- The record only grows. Two exceptions: where something was done from may be forgotten (the owner is gone), and
-- retention may delete, which says so with SET LOCAL latchkey.audit_retention = 'on'.
CREATE FUNCTION audit_events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('latchkey.audit_retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE'
     AND (NEW.ip_address IS NULL OR NEW.ip_address IS NOT DISTINCT FROM OLD.ip_address)
     AND (NEW.user_agent IS NULL OR NEW.user_agent IS NOT DISTINCT FROM OLD.user_agent)
     AND to_jsonb(NEW) - 'ip_address' - 'user_agent' = to_jsonb(OLD) - 'ip_address' - 'user_agent' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_events only grows: % is refused', TG_OP;
END
$$;

CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION audit_events_only_grow();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_only_grow();
