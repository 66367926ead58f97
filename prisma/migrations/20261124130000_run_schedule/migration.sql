-- Which schedule made a run. Those of a sweep take it from their sweep.
ALTER TABLE "run" ADD COLUMN "schedule_id" TEXT;
UPDATE "run" SET "schedule_id" = "sweep"."schedule_id" FROM "sweep"
 WHERE "sweep"."id" = "run"."sweep_id" AND "sweep"."schedule_id" IS NOT NULL;
