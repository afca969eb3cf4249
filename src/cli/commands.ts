/** Every command, in the order of the help. */
import { attack } from './attack/attack.ts';
import { auditCommand } from './audit.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor/doctor.ts';
import { exportCommand } from './import-export/export.ts';
import { importCommand } from './import-export/import.ts';
import { keysList, keysRetire, keysRotate } from './keys.ts';
import { mailList, mailRetry } from './mail/mail.ts';
import { mailPreview, mailTemplates } from './mail/mail-texts.ts';
import { migrate, migrateCheck, migrateNew } from './migrate.ts';
import { restored } from './restored.ts';
import { usersList, usersShow } from './users/users.ts';
import {
  usersDisable,
  usersEnable,
  usersEndSessions,
  usersResetSecondFactors,
  usersSetRole,
} from './users/users-change.ts';
import { usersCreate } from './users/users-create.ts';

export const COMMANDS: readonly Command[] = [
  usersCreate,
  usersList,
  usersShow,
  usersDisable,
  usersEnable,
  usersSetRole,
  usersEndSessions,
  usersResetSecondFactors,
  importCommand,
  exportCommand,
  auditCommand,
  keysList,
  keysRotate,
  keysRetire,
  doctor,
  attack,
  restored,
  mailList,
  mailRetry,
  mailPreview,
  mailTemplates,
  migrate,
  migrateNew,
  migrateCheck,
];
