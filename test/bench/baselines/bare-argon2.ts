/**
 * What the machine can do at most: one password after the other compared with its hash, and nothing else.
 * `node bare-argon2.ts <PHC string> <password> <seconds>` writes how many a second, and the CPU microseconds of each.
 */
import { verifySync } from '@node-rs/argon2';

const [phc = '', password = '', seconds = '1'] = process.argv.slice(2);

verifySync(phc, password);
const startedAt = performance.now();
const endsAt = startedAt + Number(seconds) * 1000;
const cpuBefore = process.cpuUsage();
let verified = 0;
while (performance.now() < endsAt) {
  if (!verifySync(phc, password)) throw new Error('The password does not match its hash.');
  verified += 1;
}
const perSecond = verified / ((performance.now() - startedAt) / 1000);
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(JSON.stringify({ perSecond, cpuMicros: (user + system) / verified }));
