import type { MlflowClient } from '../../src/mlflow/index.ts';
import { testBaseImage } from './base-image.ts';
import { requireDocker } from './docker.ts';
import { type GitProject, gitProject } from './git-project.ts';
import type { MlflowServer } from './mlflow.ts';
import type { TemporaryDirectory } from './temporary-directory.ts';
import { TrackedFolder } from './tracked-folder.ts';

/** A fixture project in git, a storage, and a server of its own that its runs report to. */
export class TrackedProject implements AsyncDisposable {
  readonly project: GitProject;
  readonly #folder: TrackedFolder;

  private constructor(project: GitProject, folder: TrackedFolder) {
    this.project = project;
    this.#folder = folder;
  }

  /** @param engine Where its runs are to go: for `docker` the test is skipped where no engine answers. */
  static async open(fixture: string, engine: 'docker' | 'host'): Promise<TrackedProject> {
    if (engine === 'docker') await requireDocker();
    const folder = await TrackedFolder.open();
    const project = await gitProject(fixture, engine === 'docker' ? { baseImage: await testBaseImage() } : {});
    return new TrackedProject(project, folder);
  }

  get server(): MlflowServer {
    return this.#folder.server;
  }

  get client(): MlflowClient {
    return this.#folder.client;
  }

  get storage(): TemporaryDirectory {
    return this.#folder.folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}
