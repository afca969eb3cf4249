/** What a change of the schema breaks for the clients of the last release, and what may break. */
import { CriticalityLevel, diff } from '@graphql-inspector/core';
// The build that node gives to the inspector: Vite would give us the other one, and two do not know each other.
import { buildSchema } from 'graphql/index.js';

type Comparison = {
  released: { version: string; sdl: string };
  current: { version: string; sdl: string; changelog: string };
};

/**
 * A sentence for each change that may not be. A change that breaks clients may be if the version says so (Semantic
 * Versioning 2.0.0 sections 4 and 8) and the changelog names what it is about under `### Breaking`.
 */
export async function forbiddenChanges({ released, current }: Comparison): Promise<string[]> {
  const changes = await diff(buildSchema(released.sdl), buildSchema(current.sdl));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const announced = announcedIn(current.changelog);
  return breaking.flatMap(({ path = '', message }) => {
    if (!mayBreak(released.version, current.version)) {
      return [
        `${message} Version ${current.version} may not break clients of ${released.version}: keep it, deprecated.`,
      ];
    }
    return announced.includes(path) ? [] : [`${message} Name \`${path}\` under "### Breaking" in CHANGELOG.md.`];
  });
}

/** Before 1.0.0 the minor version says that something breaks. */
function mayBreak(before: string, after: string): boolean {
  const [[majorBefore = 0, minorBefore = 0] = [], [majorAfter = 0, minorAfter = 0] = []] = [before, after].map(
    (version) => version.split('.').map(Number),
  );
  return majorAfter > majorBefore || (majorAfter === 0 && minorAfter > minorBefore);
}

/** What stands in backquotes under `### Breaking` of the newest version. */
function announcedIn(changelog: string): string[] {
  const [, newest = ''] = changelog.split(/^## /m);
  const [, breaking = ''] = /^### Breaking\n(.*?)(?=^### |$(?![\s\S]))/ms.exec(newest) ?? [];
  return [...breaking.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
}
