import { MlflowClient } from '../../src/mlflow/index.ts';
import { type MlflowServer, startMlflow } from './mlflow.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** A folder, and a server of its own that what is launched there reports to. */
export class TrackedFolder implements AsyncDisposable {
  readonly server: MlflowServer;
  readonly client: MlflowClient;
  readonly folder: TemporaryDirectory;

  private constructor(server: MlflowServer, folder: TemporaryDirectory) {
    this.server = server;
    this.client = new MlflowClient({ trackingUri: server.uri, environment: {} });
    this.folder = folder;
  }

  static async open(): Promise<TrackedFolder> {
    return new TrackedFolder(await startMlflow(), await temporaryDirectory());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.server[Symbol.asyncDispose]();
    await this.folder.remove();
  }
}
