/**
 * What Web Locks do, for browsers without them (before 2022): a key in `localStorage`, which is there only while a tab
 * refreshes. If two tabs still run at once, the service gives both the same tokens.
 */

/** How long a tab may hold it; it may have been closed meanwhile. */
const HOLD_MS = 20_000;
/** How long it takes until every tab sees what was written. */
const SETTLE_MS = 40;

/** Runs the task while no other tab runs one under this name; `waited` says whether one did. */
export async function mutex<Result>(name: string, task: (waited: boolean) => Promise<Result>): Promise<Result> {
  const area = localArea();
  if (area === null) return task(false);
  const ticket = `${Math.random()}`;
  const holder = () => {
    const [id, until] = area.getItem(name)?.split(' ') ?? [];
    return Number(until) > Date.now() ? id : undefined;
  };
  let waited = false;
  while (holder() !== ticket) {
    if (holder() === undefined) area.setItem(name, `${ticket} ${Date.now() + HOLD_MS}`);
    else waited = true;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS * (1 + Math.random())));
  }
  try {
    return await task(waited);
  } finally {
    if (holder() === ticket) area.removeItem(name);
  }
}

function localArea(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // forbidden by the person or the browser
  }
}
