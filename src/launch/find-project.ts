import { UsageError } from '../errors.ts';
import type { LaunchEventBody } from '../events.ts';
import { loadProject, type Project } from '../project/index.ts';
import { type ClonedProject, cloneProject, isRemoteProject, parseRemoteProject } from '../source/index.ts';
import type { LaunchRequest } from './request.ts';
import { chooseStorage } from './storage.ts';

/** The project of a request, on this machine. */
export interface FoundProject {
  readonly project: Project;
  /** Where it came from, where it is one of a repository; null for a folder. */
  readonly remote: ClonedProject | null;
}

interface FindContext {
  readonly signal: AbortSignal;
  readonly emit: (body: LaunchEventBody) => void;
  /** The storage that a repository is cloned to; asked once the address is found to be one. */
  readonly cloneStorage: () => string;
}

const step = { id: 'project', title: 'project from its repository' } as const;

/** Reads the project of a folder, or clones it from its repository into the storage first. Throws SlipwayError. */
export async function findProject(request: LaunchRequest, context: FindContext): Promise<FoundProject> {
  const { project: place, version } = request;
  if (!isRemoteProject(place)) {
    if (version === null) return { project: await loadProject(place), remote: null };
    throw new UsageError(`--version is for the address of a repository, and ${place} is a folder: it runs as it is.`, {
      hint: `\`git checkout ${version}\` in it, or name the repository: \`slipway run https://host/team/project.git\``,
    });
  }
  const remote = await clone(request, context);
  return { project: await loadProject(remote.directory, { fallbackName: remote.name }), remote };
}

async function clone(request: LaunchRequest, { signal, emit, cloneStorage }: FindContext): Promise<ClonedProject> {
  parseRemoteProject(request.project);
  const storageDirectory = cloneStorage();
  const startedMs = performance.now();
  emit({ type: 'step-started', ...step });
  try {
    const { version } = request;
    const remote = await cloneProject(request.project, { version, storageDirectory, signal });
    const { commit, branch, reused } = remote;
    const name = version !== null && !commit.startsWith(version.toLowerCase()) ? version : branch;
    const title = `project cloned at ${commit.slice(0, 12)}${name === null ? '' : ` (${name})`}`;
    emit({ type: 'step-finished', id: step.id, title, durationMs: Math.round(performance.now() - startedMs), reused });
    return remote;
  } catch (error) {
    emit({ type: 'step-failed', ...step, durationMs: Math.round(performance.now() - startedMs) });
    throw error;
  }
}

/** The storage of a request: named, the machine's, or in the project, which for that of a repository is the working directory. */
export function storageOf(request: LaunchRequest, environment: Readonly<Record<string, string | undefined>>): string {
  const { project, storage } = request;
  return chooseStorage(storage, environment, isRemoteProject(project) ? process.cwd() : project);
}
