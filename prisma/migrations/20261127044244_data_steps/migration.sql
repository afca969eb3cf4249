-- CreateTable
CREATE TABLE "data_steps" (
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "data_steps_pkey" PRIMARY KEY ("name")
);
