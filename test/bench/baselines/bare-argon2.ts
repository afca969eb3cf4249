/**
 * What the machine can do at most: one password after the other compared with its hash, and nothing else.
 * `node bare-argon2.ts <PHC string> <password> <seconds> [<threads>]` writes how many a second, and the CPU
 * microseconds of each. With several threads, each of them does the same.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { verifySync } from '@node-rs/argon2';

type Task = { phc: string; password: string; seconds: number };

/** How many were compared. */
function compare({ phc, password, seconds }: Task): number {
  const endsAt = performance.now() + seconds * 1000;
  let compared = 0;
  while (performance.now() < endsAt) {
    if (!verifySync(phc, password)) throw new Error('The password does not match its hash.');
    compared += 1;
  }
  return compared;
}

async function main(): Promise<void> {
  const [phc = '', password = '', seconds = '1', threads = '1'] = process.argv.slice(2);
  const task: Task = { phc, password, seconds: Number(seconds) };
  const others = Array.from(
    { length: Number(threads) - 1 },
    () => new Worker(new URL(import.meta.url), { workerData: task }),
  );
  await Promise.all(others.map((other) => once(other, 'message')));
  compare({ ...task, seconds: 0.1 });
  const answers = others.map((other) => once(other, 'message'));
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  for (const other of others) other.postMessage('start');
  let compared = compare(task);
  for (const [count] of await Promise.all(answers)) compared += Number(count);
  const perSecond = compared / ((performance.now() - startedAt) / 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  process.stdout.write(JSON.stringify({ perSecond, cpuMicros: (user + system) / compared }));
}

if (isMainThread) await main();
else {
  const task: Task = workerData;
  compare({ ...task, seconds: 0.1 });
  parentPort?.once('message', () => parentPort?.postMessage(compare(task)));
  parentPort?.postMessage('ready');
}
