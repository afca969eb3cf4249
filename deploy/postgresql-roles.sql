-- Two roles for Latchkey: `latchkey_owner` owns the tables and migrates them, `latchkey` is what the running service uses.
-- The service then cannot change the schema. In particular, it cannot drop or disable the trigger that keeps the audit
-- log from being changed, even if someone takes the service over. Two routines of the owner make and drop months of the
-- audit log for it.
--
-- Run this once as a superuser, connected to the database of the service:
--   psql --dbname latchkey --file deploy/postgresql-roles.sql
-- Then give both roles a password (\password latchkey_owner, \password latchkey).

CREATE ROLE latchkey_owner LOGIN;
CREATE ROLE latchkey LOGIN;

-- Tables that an earlier installation made belong to another role. In that case, name it here, and uncomment:
-- REASSIGN OWNED BY former_role TO latchkey_owner;

DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO latchkey_owner', current_database()); END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO latchkey_owner;
CREATE SCHEMA IF NOT EXISTS pgboss AUTHORIZATION latchkey_owner;
GRANT USAGE ON SCHEMA public, pgboss TO latchkey;

-- What is there already.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, pgboss TO latchkey;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, pgboss TO latchkey;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, pgboss TO latchkey;

-- What migrations will make.
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO latchkey;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_owner GRANT USAGE, SELECT ON SEQUENCES TO latchkey;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_owner GRANT EXECUTE ON FUNCTIONS TO latchkey;
