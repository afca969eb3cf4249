/** Every command there is, in the order in which the help lists them. */
import type { Command } from './command.ts';
import { keysList, keysRetire, keysRotate } from './keys.ts';
import { migrate, migrateCheck, migrateNew } from './migrate.ts';

export const COMMANDS: readonly Command[] = [keysList, keysRotate, keysRetire, migrate, migrateNew, migrateCheck];
