/** Check everything the service depends on: `latchkey doctor`. */
import { ConfigError } from '#config/environment.ts';
import { readTemplates } from '#core/mail/templates/mail-templates.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { readTemplateFiles } from '#outside/template-files.ts';
import { command, JSON_OPTION } from '../command.ts';
import { settingsOf } from '../settings.ts';
import { say, sayJson, type Terminal } from '../terminal.ts';
import { findingsOf } from './findings.ts';
import type { Finding } from './verdict.ts';

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

export const doctor = command({
  name: 'doctor',
  summary: 'check the installation, and explain how to fix what is wrong',
  options: JSON_OPTION,
  details: `
Checks settings, database, migrations, keys, clocks, the audit log, and email. Changes nothing and sends nothing. Exit code 1 if a check fails; warnings do not count as failures.
With --json: {"ok": BOOLEAN, "checks": [{"check", "status": "ok", "warn" or "fail", "message"}]}.`,
  run: async ({ terminal, options }) => {
    const findings = await examine(terminal);
    const isFine = findings.every(({ status }) => status !== 'fail');
    if (options.json) {
      sayJson(terminal, { ok: isFine, checks: findings });
    } else {
      for (const { check, status, message } of findings)
        say(terminal, `${MARKS[status]}  ${check.padEnd(15)}${message}`);
    }
    return isFine ? 0 : 1;
  },
});

/** Only what is wrong: most operators have no templates. */
function templateFindings(folder: string | null): Finding[] {
  try {
    readTemplates(readTemplateFiles(folder));
    return [];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const [, ...problems] = error.message.split('\n').map((line) => line.trim());
    return problems.map((problem) => ({
      check: 'settings',
      status: 'fail' as const,
      message: `TEMPLATES_DIR ${problem}`,
    }));
  }
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  try {
    const config = settingsOf(terminal);
    return [...templateFindings(config.templatesDir), ...(await findingsOf(config, terminal))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, problem }) => ({
      check: 'settings',
      status: 'fail' as const,
      message: `${variable} ${problem}`,
    }));
  }
}
