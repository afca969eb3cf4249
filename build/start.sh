# What `npm start` runs. Containers and units call Node themselves, with their own settings: see docs/deployment.md.
# Compiled code of an earlier start is there from the first module on. Memory that only the start needs is given back.
[ -f .env ] && set -- --env-file=.env
exec env NODE_COMPILE_CACHE=node_modules/.cache/latchkey \
  node --max-semi-space-size=8 "$@" --import ./prisma/prepare.mjs src/main.ts
