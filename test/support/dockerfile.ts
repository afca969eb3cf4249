/**
 * Runs the steps of a Dockerfile as plain commands: a stage is an empty directory, and `/` is that directory in COPY,
 * WORKDIR and the arguments of RUN. No container engine is needed, and no image is pulled: the tools are those of PATH.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

type Step = { instruction: string; value: string };

export type Image = {
  /** The root directory of the last stage. */
  root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  command: string[];
  healthcheck: string[];
};

/** The steps, without comments, with continued lines joined. */
function parseDockerfile(file: string): Step[] {
  const lines = readFileSync(file, 'utf8').replaceAll('\\\n', ' ').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, instruction = '', value = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { instruction, value };
    });
}

/**
 * @param context what `COPY` copies from
 * @param into an empty directory, in which every stage gets one of its own
 * @param path the PATH of `RUN`
 */
export async function runDockerfile(file: string, context: string, into: string, path: string): Promise<Image> {
  const stages = new Map<string, string>();
  let image: Image | null = null;
  for (const { instruction, value } of parseDockerfile(file)) {
    if (instruction === 'FROM') {
      const name = / AS (\S+)$/i.exec(value)?.[1] ?? 'last';
      const root = join(into, name);
      mkdirSync(root);
      stages.set(name, root);
      image = { root, workdir: root, env: {}, user: '', command: [], healthcheck: [] };
    } else if (image === null) throw new Error(`${instruction} before FROM`);
    else await runStep(image, { instruction, value }, { stages, context, path });
  }
  if (image === null) throw new Error(`${file} has no stage`);
  return image;
}

type World = { stages: ReadonlyMap<string, string>; context: string; path: string };

async function runStep(image: Image, { instruction, value }: Step, { stages, context, path }: World): Promise<void> {
  const inside = (it: string) => (it.startsWith('/') ? join(image.root, it) : join(image.workdir, it));
  switch (instruction) {
    case 'WORKDIR':
      image.workdir = join(image.root, value);
      mkdirSync(image.workdir, { recursive: true });
      return;
    case 'COPY': {
      const words = value.split(' ');
      const stage = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
      const to = inside(words.pop() ?? '');
      for (const from of words) {
        if (stage === undefined) copy(join(context, from), to);
        else take(join(stages.get(stage) ?? '', from), to);
      }
      return;
    }
    case 'RUN': {
      const command = value.replaceAll(/ (\/\S+)/g, (_, absolute: string) => ` ${inside(absolute)}`);
      const env = { PATH: path, HOME: image.root, npm_config_prefer_offline: 'true', ...image.env };
      await promisify(execFile)('sh', ['-c', asAnyone(command)], { cwd: image.workdir, env });
      return;
    }
    case 'ENV':
      for (const [, name = '', set = ''] of value.matchAll(/(\S+)=(\S+)/g)) image.env[name] = set;
      return;
    case 'USER':
      image.user = value;
      return;
    case 'CMD':
      image.command = JSON.parse(value);
      return;
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(value.slice(value.indexOf('CMD ') + 'CMD '.length));
      return;
    case 'VOLUME':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${instruction} is not known here`);
  }
}

/** The content of a directory, or a file under its name; as COPY does. */
function copy(from: string, to: string): void {
  const isDirectory = statSync(from).isDirectory();
  mkdirSync(isDirectory ? to : to.replace(/\/?$/, '/'), { recursive: true });
  // As in a clone: without what was generated here.
  const filter = (source: string) => !source.endsWith('src/generated');
  cpSync(from, isDirectory ? to : join(to, basename(from)), { recursive: true, verbatimSymlinks: true, filter });
}

/** Out of a stage that nothing needs afterwards: moved, because copying takes longer than all the rest. */
function take(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}

/** Only root can give a file to someone else. */
function asAnyone(command: string): string {
  return process.getuid?.() === 0 ? command : command.replaceAll(/ --(owner|group)=\S+/g, '');
}
