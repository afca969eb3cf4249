/** Every command there is, in the order in which the help lists them. */
import type { Command } from './command.ts';
import { migrate, migrateCheck, migrateNew } from './migrate.ts';

export const COMMANDS: readonly Command[] = [migrate, migrateNew, migrateCheck];
