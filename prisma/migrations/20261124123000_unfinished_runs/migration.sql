-- The few runs that have not ended, among very many that have. (schema.prisma cannot say partial indexes.)
CREATE INDEX "run_unfinished_idx" ON "run" ("created_at", "id") WHERE "state" IN ('queued', 'running');
